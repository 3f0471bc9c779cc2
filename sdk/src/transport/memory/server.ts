import { Call, type Metadata, type Peer } from "../../core/call.ts"
import type { Clock } from "../../core/clock.ts"
import { NsmError } from "../../core/errors.ts"
import type { Log } from "../../core/log.ts"
import type { IdentitySource } from "../../identity/identity.ts"
import { type Method, methods } from "../method.ts"
import type { Exposed } from "../transport.ts"
import { memoryPeer } from "./peer.ts"

/** What a server needs of its process. */
export interface MemoryServerOptions {
  readonly name: string
  readonly clock: Clock
  readonly log: Log
  /** Who the process is to its peers. */
  readonly identity: IdentitySource | undefined
  /** How long calls may take to finish when the server ends. */
  readonly shutdownTimeoutMs: number
}

/** What comes with a call over the border. */
export interface Incoming {
  readonly peer: Peer
  readonly path: string
  /** The caller's limit; a time would be one of the caller's clock. */
  readonly remainingMs: number | undefined
  readonly metadata: Metadata
}

/** A call between two processes. */
export interface Exchange extends Disposable {
  readonly method: Method
  /** The call as the server sees it. */
  readonly call: Call
  /** Fires for the caller when the connection is lost. */
  readonly lost: AbortSignal
  /** Tells the server that the caller gave up. */
  cancel(): void
}

interface Running {
  readonly isStream: boolean
  readonly served: AbortController
  readonly lost: AbortController
}

/** Made once: nearly every call ends so, and an error's stack costs more than the rest of the end. */
const over = new NsmError("CANCELLED", "the call is over")

/** One listener on the in-memory network. */
export class MemoryServer {
  readonly name: string
  readonly #options: MemoryServerOptions
  readonly #methods: ReadonlyMap<string, Method>
  readonly #running = new Set<Running>()
  #whenIdle = (): void => {}

  constructor(exposed: readonly Exposed[], options: MemoryServerOptions) {
    this.name = options.name
    this.#options = options
    this.#methods = methods(exposed)
  }

  /** Who it is to those that call it at a URL. */
  peerAt(url: string): Peer {
    return memoryPeer(url, this.#options.identity)
  }

  /** Begins to answer a call. */
  begin({ peer, path, remainingMs, metadata }: Incoming): Exchange {
    const { clock, log } = this.#options
    const deadline = remainingMs === undefined ? undefined : clock.now() + remainingMs
    const method = this.#methods.get(path)
    if (!method) throw new NsmError("UNIMPLEMENTED", `${path} is not served here`)
    const served = new AbortController()
    const lost = new AbortController()
    const entry = { isStream: method.codec.streams, served, lost }
    this.#running.add(entry)
    return {
      method,
      call: new Call({
        clock,
        log,
        signal: served.signal,
        deadline,
        metadata,
        peer,
      }),
      lost: lost.signal,
      cancel() {
        served.abort(
          deadline !== undefined && clock.now() >= deadline
            ? new NsmError("DEADLINE_EXCEEDED", "the call's time limit passed")
            : new NsmError("CANCELLED", "the caller gave up"),
        )
      },
      [Symbol.dispose]: () => {
        served.abort(over)
        this.#running.delete(entry)
        if (this.#running.size === 0) this.#whenIdle()
      },
    }
  }

  /** Tells streams to end, lets other calls finish while there is time, and cuts what remains. */
  async end(): Promise<void> {
    const { clock, name, shutdownTimeoutMs } = this.#options
    const reason = new NsmError("SHUTTING_DOWN", `${name} is ending`)
    for (const { isStream, served } of this.#running) if (isStream) served.abort(reason)
    await new Promise<void>((resolve) => {
      if (this.#running.size === 0) resolve()
      const timer = clock.schedule(shutdownTimeoutMs, () => {
        for (const { served } of this.#running) served.abort(reason)
        this.cut(reason)
      })
      this.#whenIdle = () => {
        timer[Symbol.dispose]()
        resolve()
      }
      if (this.#running.size === 0) this.#whenIdle()
    })
  }

  /** Ends all calls as a broken connection ends them. */
  cut(reason: NsmError): void {
    for (const { served, lost } of this.#running) {
      lost.abort(reason)
      served.abort(new NsmError("CANCELLED", "the connection to the caller was lost"))
    }
  }
}
