import { closeSync } from "node:fs"
import { type Clock, NsmError } from "@nsm/sdk"
import { HeldFile, isInodeUrl } from "./held-file.ts"

/** How received files are kept. */
export interface ReceivedFilesOptions {
  readonly clock: Clock
  /** How long one is kept that nobody asks for. @default 10000 */
  readonly idleMs?: number
  /** How many are kept; beyond, the longest unasked goes. @default 1024 */
  readonly mostFiles?: number
}

/**
 * The files that came over one connection, by inode, for those who ask for them: before they have
 * come, or soon after. A namespace lives as long as somebody holds it, so none is held for long.
 */
export class ReceivedFiles implements Disposable {
  readonly #clock: Clock
  readonly #idleMs: number
  readonly #mostFiles: number
  /** In the order of their last use. */
  readonly #kept = new Map<string, Kept>()
  readonly #waiting = new Map<string, Set<Waiting>>()
  #isOver = false

  constructor({ clock, idleMs = 10_000, mostFiles = 1024 }: ReceivedFilesOptions) {
    this.#clock = clock
    this.#idleMs = idleMs
    this.#mostFiles = mostFiles
  }

  /** Takes over a descriptor that came. */
  add(fd: number): void {
    if (this.#isOver) return closeSync(fd)
    const file = new HeldFile(fd)
    const known = this.#kept.get(file.url)
    if (known) file[Symbol.dispose]()
    const { path } = this.#used(file.url, known?.file ?? file)
    for (const waiting of this.#waiting.get(file.url) ?? []) waiting.resolve(path)
    this.#waiting.delete(file.url)
    const [oldest] = this.#kept.keys()
    if (oldest !== undefined && this.#kept.size > this.#mostFiles) this.#drop(oldest)
  }

  /**
   * A path to the file that has come or will come under a URL. Whoever needs it for longer than for
   * the turn in which it gets it opens it.
   */
  async receive(url: string, signal: AbortSignal): Promise<string> {
    if (!isInodeUrl(url)) {
      throw new NsmError("INVALID_URL", `receive "${url}": expected inode://device/inode`)
    }
    const known = this.#kept.get(url)
    if (known) return this.#used(url, known.file).path
    if (this.#isOver) throw gone(url)
    const { promise, ...waiting } = Promise.withResolvers<string>()
    const all = this.#waiting.get(url) ?? new Set()
    this.#waiting.set(url, all.add(waiting))
    const giveUp = (): void => {
      all.delete(waiting)
      if (all.size === 0 && this.#waiting.get(url) === all) this.#waiting.delete(url)
      waiting.reject(late(url, signal.reason))
    }
    if (signal.aborted) giveUp()
    signal.addEventListener("abort", giveUp, { once: true })
    try {
      return await promise
    } finally {
      signal.removeEventListener("abort", giveUp)
    }
  }

  /** How many files are held. */
  get size(): number {
    return this.#kept.size
  }

  [Symbol.dispose](): void {
    this.#isOver = true
    for (const url of this.#kept.keys()) this.#drop(url)
    for (const [url, all] of this.#waiting) for (const waiting of all) waiting.reject(gone(url))
    this.#waiting.clear()
  }

  #used(url: string, file: HeldFile): HeldFile {
    this.#kept.get(url)?.timer[Symbol.dispose]()
    this.#kept.delete(url)
    const timer = this.#clock.schedule(this.#idleMs, () => this.#drop(url))
    this.#kept.set(url, { file, timer })
    return file
  }

  #drop(url: string): void {
    const kept = this.#kept.get(url)
    this.#kept.delete(url)
    kept?.timer[Symbol.dispose]()
    kept?.file[Symbol.dispose]()
  }
}

interface Kept {
  readonly file: HeldFile
  readonly timer: Disposable
}

interface Waiting {
  resolve(path: string): void
  reject(failure: NsmError): void
}

function late(url: string, cause: unknown): NsmError {
  return new NsmError(
    "DEADLINE_EXCEEDED",
    `timeout in receiving ${url}: its descriptor did not come over the connection that names it`,
    { cause },
  )
}

function gone(url: string): NsmError {
  return new NsmError(
    "PEER_UNREACHABLE",
    `receive ${url}: the connection ended before its descriptor came`,
  )
}
