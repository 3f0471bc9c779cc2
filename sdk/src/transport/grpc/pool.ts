import { NsmError } from "../../core/errors.ts"
import type { TokenSource } from "../../identity/token.ts"
import type { Wire } from "../transport.ts"
import { Channel, type ChannelOptions } from "./channel.ts"
import { grpcClient } from "./client.ts"

/** Peers come and go; one that was not called for this long gives its connection back. */
const longestIdleMs = 300_000

/** One whose connection is lost has nothing to give back; it and its clients are worth 50 KiB. */
const lostIdleMs = 1000

/** How a pool makes channels and calls. */
export interface PoolOptions extends ChannelOptions {
  readonly tokens?: TokenSource | undefined
}

interface Pooled {
  readonly channel: Channel
  readonly clients: Map<object, object>
}

/** The channels of a transport, one per URL. */
export class Pool implements Disposable {
  readonly #options: PoolOptions
  readonly #pooled = new Map<string, Pooled>()
  readonly #lifetime = new AbortController()

  constructor(options: PoolOptions) {
    this.#options = options
  }

  /** The service behind a URL. */
  client<S extends object>(url: string, wire: Wire<S>): S {
    const { clients } = this.#at(url)
    const known = clients.get(wire) as S | undefined
    if (known) return known
    const { tokens } = this.#options
    const lifetime = this.#lifetime.signal
    const made = grpcClient({ channel: () => this.#at(url).channel, tokens, lifetime }, wire)
    clients.set(wire, made)
    return made
  }

  [Symbol.dispose](): void {
    this.#lifetime.abort(new NsmError("SHUTTING_DOWN", "the transport was closed"))
    for (const { channel } of this.#pooled.values()) channel[Symbol.dispose]()
    this.#pooled.clear()
  }

  #at(url: string): Pooled {
    const known = this.#pooled.get(url)
    if (known) return known
    this.#lifetime.signal.throwIfAborted()
    this.#dropIdle()
    const made = { channel: new Channel(url, this.#options), clients: new Map<object, object>() }
    this.#pooled.set(url, made)
    return made
  }

  #dropIdle(): void {
    for (const [url, { channel }] of this.#pooled) {
      if (channel.idleMs < (channel.isConnected ? longestIdleMs : lostIdleMs)) continue
      this.#pooled.delete(url)
      channel[Symbol.dispose]()
    }
  }
}
