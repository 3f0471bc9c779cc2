import { readFile } from "node:fs/promises"
import { parse } from "yaml"
import type { Clock } from "../../core/clock.ts"
import { sleep } from "../../core/clock.ts"
import type { Log } from "../../core/log.ts"
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
 * leaves the list as it was. Looks again and again because configuration maps are exchanged
 * by way of links, which file notifications miss.
 */
export async function followPrefixFile({
  path,
  clock,
  log,
  periodMs = 1000,
}: PrefixFileOptions): Promise<PrefixFile> {
  const ended = new AbortController()
  let prefixes: readonly string[] = []
  let seen = ""
  const look = async (): Promise<void> => {
    const found = await contentOf(path)
    if (found === seen) return
    seen = found
    const read = prefixesIn(found)
    if (typeof read === "string")
      log.warn("excluded prefixes cannot be read", { path, problem: read })
    else prefixes = read
  }
  const follow = async (): Promise<void> => {
    for (;;) {
      await sleep(clock, periodMs, ended.signal)
      await look()
    }
  }
  await look()
  const following = follow().catch(() => {})
  return {
    get prefixes() {
      return prefixes
    },
    async [Symbol.asyncDispose]() {
      ended.abort()
      await following
    },
  }
}

/** The file's text, none if there is no file; what keeps it from being read counts as malformed. */
async function contentOf(path: string): Promise<string> {
  try {
    return await readFile(path, "utf8")
  } catch (failure) {
    const { code } = failure as NodeJS.ErrnoException
    return code === "ENOENT" ? "" : `unreadable: ${code}`
  }
}

/** The list, or what is wrong with the text. */
function prefixesIn(text: string): readonly string[] | string {
  try {
    const content: unknown = parse(text) ?? {}
    const listed: unknown = (content as { prefixes?: unknown }).prefixes ?? []
    if (typeof content !== "object" || !Array.isArray(listed)) return "there is no list of prefixes"
    const wrong: unknown = listed.find((item) => typeof item !== "string" || !parsePrefix(item))
    return wrong === undefined ? (listed as string[]) : `${JSON.stringify(wrong)} is not a prefix`
  } catch (failure) {
    return String(failure)
  }
}
