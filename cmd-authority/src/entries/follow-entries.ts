import { readFile } from "node:fs/promises"
import { basename } from "node:path"
import { type Clock, fromNode, type Log, lookAgain, Listeners, NsmError } from "@nsm/sdk"
import type { Entry } from "./entry.ts"
import { parseEntries } from "./parse-entries.ts"

/** Entries that follow a file, until they are disposed. */
export interface Entries extends AsyncDisposable {
  /** In the order of the file: the first one that fits counts. */
  readonly current: readonly Entry[]
  /** Calls `listener` when they have changed, until it is disposed. */
  onChange(listener: () => void): Disposable
}

/** Which file is followed. */
export interface FollowEntriesOptions {
  /** A file that is not there has no entries. */
  readonly path: string
  readonly trustDomain: string
  readonly clock: Clock
  readonly log: Log
}

/**
 * Reads entries from a file and follows its changes. Fails with INVALID_CONFIGURATION when it cannot
 * be read at first; later that is warned about, and the entries from before stay.
 */
export async function followEntries({
  path,
  trustDomain,
  clock,
  log,
}: FollowEntriesOptions): Promise<Entries> {
  const listeners = new Listeners()
  let seen: string | undefined
  let current: readonly Entry[] = []

  const take = async (): Promise<boolean> => {
    const text = await textOf(path)
    if (text === seen) return false
    seen = text
    current = parseEntries(text, { file: basename(path), trustDomain })
    return true
  }
  const look = async (): Promise<void> => {
    try {
      if (!(await take())) return
      log.info("entries read", { path, entries: current.length })
      listeners.tell()
    } catch (thrown) {
      const error = NsmError.from(thrown)
      if (warned === error.message) return
      warned = error.message
      log.warn("entries cannot be read, those from before stay", { path, error })
    }
  }
  let warned: string | undefined
  await take()
  const looking = await lookAgain(look, { clock })
  return {
    get current() {
      return current
    },
    onChange: (listener) => listeners.add(listener),
    [Symbol.asyncDispose]: () => looking[Symbol.asyncDispose](),
  }
}

async function textOf(path: string): Promise<string> {
  try {
    return await readFile(path, "utf8")
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code === "ENOENT") return ""
    throw fromNode(thrown, `read ${path}`)
  }
}
