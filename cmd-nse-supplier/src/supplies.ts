import { NsmError } from "@nsm/sdk"
import { ending, Supply, type SupplyOptions } from "./supply.ts"
import type { Wanted } from "./wanted.ts"

/** What supplies are made with. */
export interface SuppliesOptions extends SupplyOptions {
  /** Name of the supplier, with which the names of its endpoints begin. */
  readonly name: string
  /** How many endpoints may start or run at a time. */
  readonly limit: number
}

/**
 * The endpoints that were started, one at a time for each service and node. A further request joins
 * the start that is under way, or is led to who runs. Disposing ends all.
 */
export class Supplies implements AsyncDisposable {
  readonly #options: SuppliesOptions
  readonly #supplies = new Map<string, Supply>()
  #isEnding = false

  constructor(options: SuppliesOptions) {
    this.#options = options
  }

  /** Resolves with the name of an endpoint that is registered; rejects when none could be started. */
  async supply(wanted: Wanted): Promise<string> {
    if (this.#isEnding) throw ending()
    const key = JSON.stringify([wanted.service, wanted.node])
    const running = this.#supplies.get(key) ?? this.#start(key, wanted)
    return await running.registered
  }

  /** How many are starting or run. */
  get size(): number {
    return this.#supplies.size
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isEnding = true
    await Promise.all([...this.#supplies.values()].map((supply) => supply[Symbol.asyncDispose]()))
  }

  #start(key: string, wanted: Wanted): Supply {
    const { name, limit, random } = this.#options
    if (this.size >= limit) {
      throw new NsmError(
        "ENDPOINT_START_FAILED",
        `${this.size} endpoints were started and have not ended, and NSM_SUPPLY_LIMIT allows no more`,
      )
    }
    const supply = new Supply(wanted, `${name}-${random.uuid().slice(0, 8)}`, this.#options)
    this.#supplies.set(key, supply)
    const forget = (): void => void this.#supplies.delete(key)
    supply.over.then(forget, forget)
    return supply
  }
}
