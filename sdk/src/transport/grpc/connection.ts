import type { Socket } from "node:net"
import { Client, connectivityState } from "@grpc/grpc-js"
import type { Peer } from "../../core/call.ts"
import type { Clock } from "../../core/clock.ts"
import { NsmError } from "../../core/errors.ts"
import { hostPort, parseAddress } from "../address.ts"
import { establish, type Established, type Layers } from "./establish.ts"
import { SecuringCredentials } from "./securing-credentials.ts"

/** How connections are made. */
export interface ConnectionOptions extends Layers {
  readonly clock: Clock
  /** Told when it was closed. */
  readonly onClosed: () => void
}

/** One connection to a URL, with the client of grpc-js that uses it. */
export class Connection implements Disposable {
  readonly client: Client
  readonly #url: string
  readonly #options: ConnectionOptions
  readonly #credentials: SecuringCredentials
  #established: Established | undefined
  #failure: NsmError | undefined
  /** From when on it is better to use another one, for a certificate is renewed or about to expire. */
  #renewAt = Infinity
  #renewal: Disposable | undefined
  #calls = 0
  #isRetired = false

  constructor(url: string, options: ConnectionOptions) {
    this.#url = url
    this.#options = options
    const address = parseAddress(url)
    const target =
      address.kind === "unix" ? `unix:${address.path}` : hostPort(address.host, address.port)
    const isUnix = address.kind === "unix"
    this.#credentials = new SecuringCredentials((socket) => this.#establish(socket, isUnix))
    this.client = new Client(target, this.#credentials, {
      // Own connections, so that closing the channel closes them.
      "grpc.use_local_subchannel_pool": 1,
      "grpc.enable_http_proxy": 0,
      "grpc.service_config_disable_resolution": 1,
      "grpc.enable_channelz": 0,
      "grpc.enable_retries": 0,
    })
  }

  /** Who is at its other end. */
  get peer(): Peer {
    return this.#established?.peer ?? { address: this.#url }
  }

  /** Why it did not come about, where that is known. */
  get failure(): NsmError | undefined {
    return this.#failure
  }

  get isReady(): boolean {
    // grpc-js comes to know a little later that it has ended.
    const hasEnded = this.#established?.stream.destroyed ?? false
    return !hasEnded && this.#state(false) === connectivityState.READY
  }

  /** Whether another one should take its place. */
  get isDue(): boolean {
    return this.#renewAt !== Infinity && this.#options.clock.now() >= this.#renewAt
  }

  /** Whether a certificate has expired. */
  get isExpired(): boolean {
    const { expiresAt } = this.#established ?? {}
    return expiresAt !== undefined && this.#options.clock.now() >= expiresAt
  }

  /** Connects; false when the time is over, or as soon as it is known to fail. */
  becomesReady(timeoutMs: number): Promise<boolean> {
    const channel = this.client.getChannel()
    return new Promise((resolve) => {
      const settle = (ready: boolean): void => {
        timer[Symbol.dispose]()
        resolve(ready)
      }
      const timer = this.#options.clock.schedule(timeoutMs, () => resolve(false))
      const look = (): void => {
        const state = this.#state(true)
        if (state === connectivityState.READY) settle(true)
        else if (state === connectivityState.TRANSIENT_FAILURE) settle(false)
        else if (state === connectivityState.SHUTDOWN) settle(false)
        else channel.watchConnectivityState(state, Infinity, look)
      }
      look()
    })
  }

  /** Counts a call from now until it is over. */
  use(): Disposable {
    this.#calls += 1
    return {
      [Symbol.dispose]: () => {
        this.#calls -= 1
        if (this.#isRetired) this.#closeUnused()
      },
    }
  }

  /** Closes it as soon as the calls that use it are over. */
  retire(): void {
    this.#isRetired = true
    // A turn later, so that those who have just been given it use it by then.
    setImmediate(() => this.#closeUnused())
  }

  [Symbol.dispose](): void {
    this.client.close()
    this.#credentials[Symbol.dispose]()
    this.#renewal?.[Symbol.dispose]()
    this.#options.onClosed()
  }

  #closeUnused(): void {
    if (this.#calls === 0) this[Symbol.dispose]()
  }

  #state(tryToConnect: boolean): connectivityState {
    return this.client.getChannel().getConnectivityState(tryToConnect)
  }

  async #establish(socket: Socket, isUnix: boolean): Promise<Established> {
    try {
      const address = this.#url
      const made = await establish("client", socket, { ...this.#options, address, isUnix })
      this.#failure = undefined
      this.#established = made
      const { clock } = this.#options
      this.#renewAt = renewalOf(made, clock)
      this.#renewal?.[Symbol.dispose]()
      this.#renewal = made.onOutdated?.(() => (this.#renewAt = clock.now()))
      this.#watch(made)
      return made
    } catch (thrown) {
      this.#failure = NsmError.from(thrown)
      throw thrown
    }
  }

  /** A peer that does not want this process can only say so by ending the connection. */
  #watch({ stream, refused }: Established): void {
    if (!refused) return
    let error: Error | undefined
    const ended = (thrown?: Error): void => {
      error ??= thrown
      if (!this.isReady) this.#failure = refused(error)
    }
    stream.on("error", ended)
    stream.once("close", () => ended())
  }
}

/**
 * Early enough for the tokens of its calls, which end with its certificates, to last for a while, and
 * late enough for the next certificate to be there by then: that comes at half of a life.
 */
function renewalOf({ expiresAt }: Established, clock: Clock): number {
  if (expiresAt === undefined) return Infinity
  return expiresAt - (expiresAt - clock.now()) / 3
}
