import { Client, connectivityState } from "@grpc/grpc-js"
import { NsmError } from "../../core/errors.ts"
import type { Clock } from "../../core/clock.ts"
import { hostPort, parseAddress } from "../address.ts"
import { HeldCredentials } from "./held-credentials.ts"
import type { GrpcIdentity } from "./identity.ts"
import { reach } from "./reach.ts"

/** How channels are made. */
export interface ChannelOptions {
  readonly clock: Clock
  readonly identity: GrpcIdentity
  readonly dialTimeoutMs: number
}

/** The connection to one URL: dialled when it is first needed, and again when it was lost. */
export class Channel implements Disposable {
  readonly url: string
  readonly #options: ChannelOptions
  #client: Client | undefined
  #credentials: HeldCredentials | undefined
  #dialling: Promise<Client> | undefined
  #isDisposed = false
  #calls = 0
  #usedAt: number

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

  /** The connected client: at once when there is one, for that is what nearly every call finds. */
  connected(): Client | Promise<Client> {
    if (this.#client && stateOf(this.#client) === connectivityState.READY) return this.#client
    this.#dialling ??= this.#dial().finally(() => (this.#dialling = undefined))
    return this.#dialling
  }

  [Symbol.dispose](): void {
    this.#isDisposed = true
    this.#close()
  }

  async #dial(): Promise<Client> {
    const { clock, dialTimeoutMs } = this.#options
    const deadline = clock.now() + dialTimeoutMs
    // grpc-js neither says which of Node's errors a failed dial met nor lets go of a socket that
    // hangs, so whether anybody is there is found out first.
    await reach(this.url, { clock, timeoutMs: dialTimeoutMs })
    if (this.#isDisposed)
      throw new NsmError("SHUTTING_DOWN", `the channel to ${this.url} is closed`)
    const client = this.#client ?? this.#open()
    if (await becomesReady(client, { clock, timeoutMs: deadline - clock.now() })) return client
    // A channel that failed would wait before it tries again; a new one tries at once.
    this.#close()
    throw new NsmError(
      "PEER_UNREACHABLE",
      `${this.url} takes connections but does not speak gRPC with this process within ${dialTimeoutMs} ms`,
    )
  }

  #open(): Client {
    const address = parseAddress(this.url)
    const target =
      address.kind === "unix" ? `unix:${address.path}` : hostPort(address.host, address.port)
    const credentials = new HeldCredentials(this.#options.identity.channelCredentials(this.url))
    this.#credentials = credentials
    this.#client = new Client(target, credentials, {
      // Own connections, so that closing the channel closes them.
      "grpc.use_local_subchannel_pool": 1,
      "grpc.enable_http_proxy": 0,
      "grpc.service_config_disable_resolution": 1,
      "grpc.enable_channelz": 0,
      "grpc.enable_retries": 0,
    })
    return this.#client
  }

  #close(): void {
    this.#client?.close()
    this.#client = undefined
    this.#credentials?.[Symbol.dispose]()
  }
}

function stateOf(client: Client): connectivityState {
  return client.getChannel().getConnectivityState(false)
}

/** Whether the channel connects before the time is over; false as soon as it is known to fail. */
function becomesReady(
  client: Client,
  { clock, timeoutMs }: { clock: Clock; timeoutMs: number },
): Promise<boolean> {
  const channel = client.getChannel()
  return new Promise((resolve) => {
    const settle = (ready: boolean): void => {
      timer[Symbol.dispose]()
      resolve(ready)
    }
    const timer = clock.schedule(timeoutMs, () => resolve(false))
    const look = (): void => {
      const state = channel.getConnectivityState(true)
      if (state === connectivityState.READY) settle(true)
      else if (state === connectivityState.TRANSIENT_FAILURE) settle(false)
      else if (state === connectivityState.SHUTDOWN) settle(false)
      else channel.watchConnectivityState(state, Infinity, look)
    }
    look()
  })
}
