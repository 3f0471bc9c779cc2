import type { Peer } from "../../core/call.ts"
import type { Clock } from "../../core/clock.ts"
import { NsmError } from "../../core/errors.ts"
import { parseAddress } from "../address.ts"
import { Connection } from "./connection.ts"
import { dial } from "./dial.ts"
import type { Layers } from "./establish.ts"
import { reach } from "./reach.ts"

/** How long a machine may take to answer a knock: a second packet goes out after one second. */
const knockMs = 1500

/** How channels are made. */
export interface ChannelOptions extends Layers {
  readonly clock: Clock
  readonly dialTimeoutMs: number
}

/** The way to one URL: dialled when it is first needed, and again when it was lost or has expired. */
export class Channel implements Disposable {
  readonly url: string
  readonly #options: ChannelOptions
  #current: Connection | undefined
  #dialling: Promise<Connection> | undefined
  /** With those that were replaced and still have calls. */
  readonly #connections = new Set<Connection>()
  readonly #lifetime = new AbortController()
  #calls = 0
  #usedAt: number
  #isKnocking = false

  constructor(url: string, options: ChannelOptions) {
    this.url = url
    this.#options = options
    this.#usedAt = options.clock.now()
  }

  /** Counts a call from now until it is over. */
  use(): Disposable {
    this.#calls += 1
    return {
      [Symbol.dispose]: () => {
        this.#calls -= 1
        this.#usedAt = this.#options.clock.now()
      },
    }
  }

  /** Milliseconds since the last call was over; 0 while there are calls. */
  get idleMs(): number {
    return this.#calls > 0 ? 0 : this.#options.clock.now() - this.#usedAt
  }

  /** Whether it has a connection, or is about to. */
  get isConnected(): boolean {
    return this.#connections.size > 0 || this.#dialling !== undefined
  }

  /** A connection: at once when there is one, for that is what nearly every call finds. */
  connected(): Connection | Promise<Connection> {
    const current = this.#current
    if (!current?.isReady) return this.#dialled()
    if (!current.isDue) return current
    return this.#successor(current)
  }

  /** Who is at the other end of a connection of this channel, for a call on it. */
  peerOf({ peer }: Connection): Peer {
    const { certificate } = peer
    if (!certificate) return peer
    return {
      ...peer,
      renew: async () => {
        const { fingerprint256 } = certificate
        const isOther = (fresh: Peer): boolean =>
          fresh.certificate?.fingerprint256 !== fingerprint256
        // Another call may have seen to it meanwhile.
        const current = await this.connected()
        return isOther(current.peer) || isOther((await this.#dialled()).peer)
      },
    }
  }

  /**
   * Finds out whether the machine of a peer that says nothing is still there, for one that vanished
   * does not say that it did. The kernel answers, however busy the peer is; where nobody answers, the
   * connection is lost.
   */
  doubt(connection: Connection): void {
    const { clock } = this.#options
    const { signal } = this.#lifetime
    // What is on this machine ends with a word.
    if (this.#isKnocking || parseAddress(this.url).kind === "unix") return
    this.#isKnocking = true
    reach(this.url, { clock, timeoutMs: knockMs, signal })
      .then(
        (socket) => void socket.destroy(),
        () => connection[Symbol.dispose](),
      )
      .finally(() => (this.#isKnocking = false))
      .catch(() => {})
  }

  /** Tokens end with the certificates of their connection, so a fresh one is worth a handshake. */
  async #successor(current: Connection): Promise<Connection> {
    try {
      return await this.#dialled()
    } catch (failure) {
      if (current.isReady && !current.isExpired) return current
      throw failure
    }
  }

  [Symbol.dispose](): void {
    this.#lifetime.abort(new NsmError("SHUTTING_DOWN", `the channel to ${this.url} is closed`))
    for (const connection of this.#connections) connection[Symbol.dispose]()
  }

  #dialled(): Promise<Connection> {
    this.#dialling ??= this.#dial().finally(() => (this.#dialling = undefined))
    return this.#dialling
  }

  async #dial(): Promise<Connection> {
    const { clock, dialTimeoutMs: timeoutMs } = this.#options
    const { signal } = this.#lifetime
    signal.throwIfAborted()
    const dialled = await dial(this.url, { ...this.#options, timeoutMs, signal })
    const connection = new Connection(dialled, {
      clock,
      onClosed: () => {
        this.#connections.delete(connection)
        // A channel lives longer, and a connection is worth a handshake's memory.
        if (this.#current === connection) this.#current = undefined
      },
    })
    this.#connections.add(connection)
    this.#current?.retire()
    this.#current = connection
    if (signal.aborted) this[Symbol.dispose]()
    return connection
  }
}
