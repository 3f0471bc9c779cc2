import { readdir, readFile } from "node:fs/promises"
import { join } from "node:path"
import type { X509Certificate } from "node:crypto"
import type { Clock } from "../core/clock.ts"
import type { Log } from "../core/log.ts"
import { isTrustDomain } from "../identity/spiffe-id.ts"
import { Listeners } from "../tools/listeners.ts"
import { lookAgain } from "../tools/look-again.ts"
import { errno } from "../transport/node-error.ts"
import { readBundle } from "./bundle-document.ts"
import type { JoinedDomains } from "./workloads.ts"

/** Which folder is followed. */
export interface FollowJoinedOptions {
  /** One file for each trust domain, `<trust domain>.pem` or `.json`. It may be missing. */
  readonly directory: string
  /** The own trust domain, whose roots nobody may replace. */
  readonly trustDomain: string
  readonly clock: Clock
  readonly log: Log
}

/**
 * Follows the roots of the trust domains that are joined; a file that cannot be read is warned about,
 * and the roots from before stay.
 */
export async function followJoined({
  directory,
  trustDomain,
  clock,
  log,
}: FollowJoinedOptions): Promise<JoinedDomains & AsyncDisposable> {
  const listeners = new Listeners()
  let texts: ReadonlyMap<string, string> = new Map()
  let bundles: ReadonlyMap<string, readonly X509Certificate[]> = new Map()

  const look = async (): Promise<void> => {
    const found = await readTexts(directory)
    if (isSame(found, texts)) return
    const read = new Map<string, readonly X509Certificate[]>()
    for (const [file, text] of found) {
      const domain = file.replace(/\.(pem|json)$/, "")
      const before = bundles.get(domain)
      if (texts.get(file) === text) {
        if (before) read.set(domain, before)
        continue
      }
      try {
        if (!isTrustDomain(domain)) throw new Error("its name is no trust domain")
        if (domain === trustDomain) throw new Error("the own trust domain has roots of its own")
        read.set(domain, readBundle(text, file))
        log.info("trust domain joined", { domain, roots: read.get(domain)?.length })
      } catch (error) {
        log.warn("roots cannot be read, those from before stay", { file, error })
        if (before) read.set(domain, before)
      }
    }
    for (const domain of bundles.keys()) {
      if (!read.has(domain)) log.info("trust domain left", { domain })
    }
    texts = found
    bundles = read
    listeners.tell()
  }

  const looking = await lookAgain(look, { clock })
  return {
    get bundles() {
      return bundles
    },
    onChange: (listener) => listeners.add(listener),
    [Symbol.asyncDispose]: () => looking[Symbol.asyncDispose](),
  }
}

/** What no certificate begins with; as text it cannot be read, which is warned about. */
const unreadable = "\u0000"

async function readTexts(directory: string): Promise<ReadonlyMap<string, string>> {
  const names = await readdir(directory).catch(() => [])
  const files = names.filter((name) => /^[^.].*\.(pem|json)$/.test(name)).toSorted()
  const texts = await Promise.all(files.map((file) => textOf(join(directory, file))))
  return new Map(files.map((file, index) => [file, texts[index] ?? unreadable]))
}

async function textOf(path: string): Promise<string> {
  return readFile(path, "utf8").catch((thrown: unknown) => unreadable + (errno(thrown) ?? ""))
}

function isSame(one: ReadonlyMap<string, string>, other: ReadonlyMap<string, string>): boolean {
  return one.size === other.size && [...one].every(([file, text]) => other.get(file) === text)
}
