import { Call, callScope, withCall } from "../../core/call.ts"
import type { Clock } from "../../core/clock.ts"
import { NsmError } from "../../core/errors.ts"
import type { Log } from "../../core/log.ts"
import type { Random } from "../../core/random.ts"
import { type TokenSource, unsignedTokens } from "../../identity/token.ts"
import type { MemoryNetwork } from "../../transport/memory/network.ts"
import { memoryTransport } from "../../transport/memory/transport.ts"
import type { Exposed, Transport } from "../../transport/transport.ts"
import type { Choosing } from "./forwarder.ts"

/** What all processes of a domain share. */
export interface World {
  readonly clock: Clock
  readonly log: Log
  readonly random: Random
  readonly network: MemoryNetwork
  readonly tokenLifetimeMs: number
  readonly choosing: Choosing
  /** The processes that run, by their names. */
  readonly processes: Map<string, Process>
}

/** How long a call that a process makes by itself may take. */
const timeoutMs = 15_000

/** A process of the domain: what it has of the network, and an end. */
export class Process implements AsyncDisposable {
  readonly name: string
  readonly world: World
  readonly transport: Transport
  readonly tokens: TokenSource
  readonly #ending = new AbortController()
  readonly #urls: string[] = []

  constructor(name: string, world: World) {
    const { clock, log, network, tokenLifetimeMs: lifetimeMs, processes } = world
    if (processes.has(name)) {
      throw new NsmError("INVALID_CONFIGURATION", `a process ${name} runs already in this domain`)
    }
    processes.set(name, this)
    this.name = name
    this.world = world
    this.tokens = unsignedTokens({ clock, lifetimeMs })
    this.transport = memoryTransport({ name, clock, log, network, tokens: this.tokens })
  }

  /** Fires when the process ends. */
  get signal(): AbortSignal {
    return this.#ending.signal
  }

  /** What a chain of this process is made with. */
  get hop() {
    const { name, tokens, signal, transport } = this
    const { random, clock } = this.world
    return { name, tokens, random, clock, signal, transport }
  }

  async listen(url: string, exposed: readonly Exposed[]): Promise<void> {
    const listener = await this.transport.listen(url, exposed)
    this.#urls.push(listener.url)
  }

  /** Makes a call. */
  async call<T>(run: (call: Call) => Promise<T>): Promise<T> {
    const { clock, log } = this.world
    return await withCall({ clock, log, signal: this.signal, timeoutMs }, run)
  }

  /** Follows a stream, until the process ends or the reader does. */
  async *follow<T>(open: (call: Call) => AsyncIterable<T>): AsyncGenerator<T, void> {
    const { clock, log } = this.world
    using scope = callScope({ clock, deadline: undefined, signal: this.signal })
    yield* open(new Call({ clock, log, signal: scope.signal }))
  }

  /** Ends as a killed process does: at once, saying goodbye to nobody. */
  async kill(): Promise<void> {
    for (const url of this.#urls) this.world.network.kill(url)
    await this[Symbol.asyncDispose]()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.world.processes.delete(this.name)
    this.#ending.abort(new NsmError("SHUTTING_DOWN", `${this.name} is ending`))
    await this.transport[Symbol.asyncDispose]()
  }
}
