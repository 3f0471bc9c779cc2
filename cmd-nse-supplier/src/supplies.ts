import { type Call, type Clock, type Log, NsmError, type Random, withCall } from "@nsm/sdk"
import type { CommandEnd, Started } from "./start-command.ts"
import type { Wanted } from "./wanted.ts"

/** What supplies are made with. */
export interface SuppliesOptions {
  /** Name of the supplier, with which the names of its endpoints begin. */
  readonly name: string
  /** Starts an endpoint under a name. */
  readonly start: (wanted: Wanted, name: string) => Started
  /** Says what to wait for: a function that resolves with the name of who has registered since. */
  readonly registration: (service: string, call: Call) => Promise<(call: Call) => Promise<string>>
  /** How long an endpoint may take to register. */
  readonly timeoutMs: number
  readonly clock: Clock
  readonly log: Log
  readonly random: Random
}

interface Supply extends AsyncDisposable {
  /** The endpoint's name once it has registered. */
  readonly registered: Promise<string>
}

/**
 * The endpoints that were started, one at a time for each service and node. A further request joins
 * the start that is under way, or is led to who runs. Disposing ends all.
 */
export class Supplies implements AsyncDisposable {
  readonly #options: SuppliesOptions
  readonly #supplies = new Map<string, Supply>()
  readonly #end = new AbortController()

  constructor(options: SuppliesOptions) {
    this.#options = options
  }

  /** Resolves with the name of an endpoint that is registered; rejects when none could be started. */
  async supply(wanted: Wanted): Promise<string> {
    if (this.#end.signal.aborted) throw ending()
    const key = JSON.stringify([wanted.service, wanted.node])
    const running = this.#supplies.get(key)
    if (running) return await running.registered
    const supply = this.#start(wanted, () => {
      if (this.#supplies.get(key) === supply) this.#supplies.delete(key)
    })
    this.#supplies.set(key, supply)
    return await supply.registered
  }

  /** How many are starting or run. */
  get size(): number {
    return this.#supplies.size
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#end.abort(ending())
    await Promise.all([...this.#supplies.values()].map((supply) => supply[Symbol.asyncDispose]()))
  }

  #start(wanted: Wanted, forget: () => void): Supply {
    const { start, random, log, name: supplier } = this.#options
    const name = `${supplier}-${random.uuid().slice(0, 8)}`
    let started: Started | undefined
    const registered = this.#registered(wanted, name, () => (started = start(wanted, name)))
    const end = async (): Promise<void> => await started?.[Symbol.asyncDispose]()
    registered.then(
      async (endpoint) => {
        log.info("endpoint started", { ...wanted, endpoint })
        const outcome = await started?.end
        log.info("endpoint ended", { ...wanted, endpoint, how: outcome?.how })
        forget()
      },
      async (failure: unknown) => {
        log.error("endpoint not started", { ...wanted, name, error: failure })
        await end()
        forget()
      },
    )
    return { registered, [Symbol.asyncDispose]: end }
  }

  async #registered(wanted: Wanted, name: string, start: () => Started): Promise<string> {
    const { registration, timeoutMs, clock, log } = this.#options
    const { signal } = this.#end
    try {
      return await withCall({ clock, log, signal, timeoutMs }, async (call) => {
        const newcomer = await registration(wanted.service, call)
        const { end } = start()
        return await Promise.race([newcomer(call), end.then(failedEnd)])
      })
    } catch (failure) {
      if (signal.aborted) throw ending()
      const { reason } = NsmError.from(failure)
      if (reason === "ENDPOINT_START_FAILED") throw failure
      const endpoint = `endpoint ${name}`
      throw reason === "DEADLINE_EXCEEDED"
        ? startFailed(`${endpoint} did not register within ${timeoutMs} ms`)
        : startFailed(`${endpoint} was not seen to register`, failure)
    }
  }
}

/** Nobody comes any more where the command has failed; where it has not, somebody else may see to it. */
async function failedEnd({ isOrderly, how }: CommandEnd): Promise<never> {
  if (isOrderly) return await new Promise(() => {})
  throw startFailed(`the supplier's command ${how} before an endpoint registered`)
}

function startFailed(text: string, cause?: unknown): NsmError {
  return new NsmError("ENDPOINT_START_FAILED", text, { cause })
}

function ending(): NsmError {
  return new NsmError("SHUTTING_DOWN", "the supplier is ending")
}
