import { readFile } from "node:fs/promises"
import { parse } from "yaml"
import type { Clock } from "../../core/clock.ts"
import type { Log } from "../../core/log.ts"
import { lookAgain } from "../../tools/look-again.ts"
import { parsePrefix } from "../../tools/prefix.ts"

/** Which file to follow. */
export interface PrefixFileOptions {
  /** YAML with a list of CIDRs under `prefixes`. A file that is not there says none. */
  readonly path: string
  readonly clock: Clock
  readonly log: Log
  /** Milliseconds between looks at the file. @default 1000 */
  readonly periodMs?: number
}

/** A list of prefixes that follows a file until it is disposed. */
export interface PrefixFile extends AsyncDisposable {
  readonly prefixes: readonly string[]
}

/**
 * Reads a file of prefixes and follows its changes; one that cannot be read is warned about and
 * leaves the list as it was.
 */
export async function followPrefixFile({
  path,
  clock,
  log,
  periodMs = 1000,
}: PrefixFileOptions): Promise<PrefixFile> {
  let prefixes: readonly string[] = []
  let seen = ""
  const look = async (): Promise<void> => {
    const text = await textOf(path)
    if (text === seen) return
    seen = text
    const { found, problem } = prefixesIn(text)
    if (found) {
      prefixes = found
      log.info("excluded prefixes read", { path, prefixes })
    } else {
      log.warn("excluded prefixes cannot be read, those from before stay", { path, problem })
    }
  }

  const looking = await lookAgain(look, { clock, periodMs })
  return {
    get prefixes() {
      return prefixes
    },
    [Symbol.asyncDispose]: () => looking[Symbol.asyncDispose](),
  }
}

/** What marks a text that could not be read; no YAML begins so. */
const unreadable = "\u0000"

async function textOf(path: string): Promise<string> {
  try {
    return await readFile(path, "utf8")
  } catch (failure) {
    const { code, message } = failure as NodeJS.ErrnoException
    return code === "ENOENT" ? "" : unreadable + message
  }
}

function prefixesIn(text: string): { found?: readonly string[]; problem?: string } {
  if (text.startsWith(unreadable)) return { problem: text.slice(unreadable.length) }
  try {
    const content: unknown = parse(text) ?? {}
    const listed: unknown = (content as { prefixes?: unknown }).prefixes ?? []
    if (typeof content !== "object" || Array.isArray(content) || !Array.isArray(listed)) {
      return { problem: "there is no list under prefixes" }
    }
    const wrong: unknown = listed.find((item) => typeof item !== "string" || !parsePrefix(item))
    if (wrong === undefined) return { found: listed as string[] }
    return { problem: `${JSON.stringify(wrong)} is not a prefix` }
  } catch (failure) {
    return { problem: String(failure) }
  }
}
