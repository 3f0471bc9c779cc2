import { NsmError } from "@nsm/sdk"
import type { SimProcess } from "../world/sim-process.ts"
import type { World } from "../world/world.ts"

/** What a part is for. */
export type PartKind = "registry" | "manager" | "forwarder" | "endpoint" | "client"

/** Who a part is. */
export interface PartOptions {
  readonly kind: PartKind
  readonly name: string
  readonly host: string
  /** Starts all that runs in its process; what it waits for may never come. */
  readonly boot: (process: SimProcess) => Promise<void>
}

/** A program that can be started, killed and started again. */
export class Part {
  readonly kind: PartKind
  readonly name: string
  host: string
  readonly #world: World
  readonly #boot: PartOptions["boot"]
  #process: SimProcess | undefined
  /** When it was started last, on the world's clock. */
  startedAt = 0

  constructor(world: World, { kind, name, host, boot }: PartOptions) {
    this.#world = world
    this.kind = kind
    this.name = name
    this.host = host
    this.#boot = boot
  }

  get isUp(): boolean {
    return this.#process !== undefined
  }

  /** The run that goes on, if any. */
  get process(): SimProcess | undefined {
    return this.#process
  }

  start(): void {
    if (this.#process) return
    const { trace } = this.#world
    const process = this.#world.process(this.name, this.host)
    this.#process = process
    this.startedAt = this.#world.now
    trace.add(this.name, `starts on ${this.host}`)
    this.#boot(process).catch((failure: unknown) => {
      if (!process.signal.aborted)
        trace.add(this.name, `cannot start: ${NsmError.from(failure).message}`)
    })
  }

  /** Ends as a killed process ends. */
  crash(): void {
    if (!this.#process) return
    this.#world.trace.add(this.name, "dies")
    this.#process.kill()
    this.#process = undefined
    this.#world.books.died(this.name)
  }
}
