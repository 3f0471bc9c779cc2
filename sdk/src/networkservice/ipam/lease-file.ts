import { readFile } from "node:fs/promises"
import { writeSecret } from "../../authority/write-secret.ts"
import type { Clock } from "../../core/clock.ts"
import { NsmError } from "../../core/errors.ts"
import type { Log } from "../../core/log.ts"
import { leaseKey, type LeaseStore, noLeaseStore, type StoredLease } from "./lease-store.ts"
import { readLeases, writtenLeases } from "./lease-text.ts"

/** Which file keeps leases, and for whom. */
export interface LeaseFileOptions {
  readonly path: string
  /** Name of the endpoint: a file belongs to one. */
  readonly owner: string
  readonly clock: Clock
  readonly log: Log
  /** How long changes are gathered before they are written. @default 250 */
  readonly pauseMs?: number
}

/** Pause after a write that failed. */
const retryMs = 5000

/**
 * Keeps leases in a file until it is disposed, written anew in one piece soon after they change. A file
 * that cannot be read, or is not of this endpoint, is warned about, left as it is, and not used.
 */
export async function leaseFile(options: LeaseFileOptions): Promise<LeaseStore & AsyncDisposable> {
  const { path, owner, clock, log } = options
  try {
    const now = clock.now()
    const found = readLeases(await textOf(path), owner)
    return new LeaseFile(
      options,
      found.filter(({ expiresAt }) => expiresAt > now),
    )
  } catch (cause) {
    const text = `${path} does not hold the leases of ${owner}: ${NsmError.from(cause).text}`
    const error = new NsmError("STATE_FILE_UNUSABLE", text, { cause })
    log.warn("addresses are not kept across restarts", { error })
    return { ...noLeaseStore, async [Symbol.asyncDispose]() {} }
  }
}

class LeaseFile implements LeaseStore, AsyncDisposable {
  readonly #options: LeaseFileOptions
  readonly #leases: Map<string, StoredLease>
  #timer: Disposable | undefined
  #writing = Promise.resolve()
  #isChanged = false
  #isOver = false
  #isFailing = false

  constructor(options: LeaseFileOptions, leases: readonly StoredLease[]) {
    this.#options = options
    this.#leases = new Map(leases.map((lease) => [leaseKey(lease), lease]))
  }

  get leases(): readonly StoredLease[] {
    return [...this.#leases.values()]
  }

  put(lease: StoredLease): void {
    this.#leases.set(leaseKey(lease), lease)
    this.#change()
  }

  delete(lease: StoredLease): void {
    if (this.#leases.delete(leaseKey(lease))) this.#change()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isOver = true
    this.#timer?.[Symbol.dispose]()
    await this.#writing
    if (this.#isChanged) await this.#write()
  }

  #change(): void {
    this.#isChanged = true
    this.#writeIn(this.#options.pauseMs ?? 250)
  }

  #writeIn(ms: number): void {
    if (this.#isOver) return
    this.#timer ??= this.#options.clock.schedule(ms, () => {
      this.#writing = this.#write().then(() => {
        this.#timer = undefined
        if (this.#isChanged) this.#writeIn(this.#isFailing ? retryMs : ms)
      })
    })
  }

  async #write(): Promise<void> {
    const { path, owner, clock, log } = this.#options
    this.#isChanged = false
    const now = clock.now()
    const leases = this.leases.filter(({ expiresAt }) => expiresAt > now)
    try {
      await writeSecret(path, writtenLeases(leases, owner))
      this.#isFailing = false
    } catch (cause) {
      this.#isChanged = true
      const text = `the leases of ${owner} could not be written`
      const error = new NsmError("STATE_FILE_UNUSABLE", text, { cause })
      if (!this.#isFailing) log.warn("addresses would not be kept across a restart", { error })
      this.#isFailing = true
    }
  }
}

async function textOf(path: string): Promise<string> {
  try {
    return await readFile(path, "utf8")
  } catch (failure) {
    if ((failure as NodeJS.ErrnoException).code === "ENOENT") return ""
    throw failure
  }
}
