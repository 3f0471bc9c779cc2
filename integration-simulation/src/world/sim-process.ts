import {
  type Call,
  type Clock,
  type Exposed,
  type IdentitySource,
  type Log,
  memoryTransport,
  type MemoryNetwork,
  NsmError,
  type Random,
  type TokenSource,
  type Transport,
  withCall,
} from "@nsm/sdk"
import { ProcessClock } from "./process-clock.ts"
import { simulatedTokens } from "./tokens.ts"
import type { Weather } from "./weather.ts"

/** What a process is made of. */
export interface SimProcessOptions {
  readonly name: string
  /** The host that it runs on. */
  readonly host: string
  readonly clock: Clock
  readonly skewMs: number
  readonly log: Log
  readonly random: Random
  readonly identity: IdentitySource
  readonly tokenLifetimeMs: number
  readonly network: MemoryNetwork
  readonly weather: Weather
  /** Hears of every timer that it sets; answers whether it may. */
  readonly onTimer: () => boolean
}

/**
 * One run of a program. Killing it leaves nothing of it that could act: its clock stands still, its
 * calls and those to it are cut, and nobody hears its log.
 */
export class SimProcess {
  readonly name: string
  readonly host: string
  readonly clock: ProcessClock
  readonly log: Log
  readonly random: Random
  readonly tokens: TokenSource
  readonly transport: Transport
  readonly #network: MemoryNetwork
  readonly #urls: string[] = []
  readonly #ending = new AbortController()
  readonly #dead = new AbortController()

  constructor({ name, host, clock, skewMs, onTimer, ...rest }: SimProcessOptions) {
    const { log, random, identity, tokenLifetimeMs: lifetimeMs, network, weather } = rest
    this.name = name
    this.host = host
    this.clock = new ProcessClock({ clock, skewMs, onTimer })
    this.log = log
    this.random = random
    this.tokens = simulatedTokens({ id: identity.current.svid.id, clock: this.clock, lifetimeMs })
    this.#network = network
    this.transport = memoryTransport({
      ...{ name, network, log, identity, clock: this.clock, tokens: this.tokens },
      faults: weather.faultsOf({ name, host, dead: this.#dead.signal }),
    })
  }

  /** Fires when the process ends. */
  get signal(): AbortSignal {
    return this.#ending.signal
  }

  get isDead(): boolean {
    return this.#dead.signal.aborted
  }

  /** What a chain of this process is made with. */
  get hop() {
    const { name, tokens, random, clock, log, signal, transport } = this
    return { name, tokens, random, clock, log, signal, transport }
  }

  async listen(url: string, exposed: readonly Exposed[]): Promise<void> {
    this.#dead.signal.throwIfAborted()
    this.#urls.push((await this.transport.listen(url, exposed)).url)
  }

  /** Makes a call. */
  async call<T>(timeoutMs: number, run: (call: Call) => Promise<T>): Promise<T> {
    const { clock, log, signal } = this
    return await withCall({ clock, log, signal, timeoutMs }, run)
  }

  /** Ends in order. */
  async stop(): Promise<void> {
    this.#ending.abort(new NsmError("SHUTTING_DOWN", `${this.name} is ending`))
    await this.transport[Symbol.asyncDispose]()
    this.kill()
  }

  /** Ends as a killed process does: at once, saying goodbye to nobody. */
  kill(): void {
    if (this.isDead) return
    this.#dead.abort(new NsmError("PEER_UNREACHABLE", `the connection to ${this.name} was lost`))
    this.clock.stop()
    for (const url of this.#urls) this.#network.kill(url)
    this.#ending.abort(new NsmError("SHUTTING_DOWN", `${this.name} was killed`))
  }
}
