import {
  BackOff,
  type Call,
  type Clock,
  type Log,
  NsmError,
  type Random,
  sleep,
  withCall,
} from "@nsm/sdk"
import type { CommandEnd, Started } from "./start-command.ts"
import type { Wanted } from "./wanted.ts"

/** What an endpoint is started with. */
export interface SupplyOptions {
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

/** How often an endpoint is started again that crashes time and again. */
const mostCrashes = 5

/**
 * One endpoint, from its start until it ends in order. One that crashes is started again under its name,
 * to which clients are still led. Disposing ends it.
 */
export class Supply implements AsyncDisposable {
  /** Resolves with the endpoint's name once it has registered; rejects when it could not be started. */
  readonly registered: Promise<string>
  /** Resolves when nothing runs any more, and nothing will. */
  readonly over: Promise<void>
  readonly #wanted: Wanted
  readonly #name: string
  readonly #options: SupplyOptions
  readonly #end = new AbortController()
  #started: Started | undefined

  constructor(wanted: Wanted, name: string, options: SupplyOptions) {
    this.#wanted = wanted
    this.#name = name
    this.#options = options
    this.registered = this.#registered()
    this.over = this.#untilOver()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#end.abort(ending())
    await this.#started?.[Symbol.asyncDispose]()
    await this.over
  }

  #start(): Started {
    this.#started = this.#options.start(this.#wanted, this.#name)
    return this.#started
  }

  async #registered(): Promise<string> {
    const { registration, timeoutMs, clock, log } = this.#options
    const { signal } = this.#end
    try {
      return await withCall({ clock, log, signal, timeoutMs }, async (call) => {
        const newcomer = await registration(this.#wanted.service, call)
        return await Promise.race([newcomer(call), this.#start().end.then(failedEnd)])
      })
    } catch (failure) {
      if (signal.aborted) throw ending()
      const { reason } = NsmError.from(failure)
      if (reason === "ENDPOINT_START_FAILED") throw failure
      const endpoint = `endpoint ${this.#name}`
      throw reason === "DEADLINE_EXCEEDED"
        ? startFailed(`${endpoint} did not register within ${timeoutMs} ms`)
        : startFailed(`${endpoint} was not seen to register`, failure)
    }
  }

  async #untilOver(): Promise<void> {
    const { log } = this.#options
    const about = { ...this.#wanted, endpoint: this.#name }
    try {
      log.info("endpoint started", { ...about, registered: await this.registered })
      await this.#untilOrderly()
    } catch (failure) {
      if (this.#end.signal.aborted) return
      log.error("endpoint not started", { ...about, error: failure })
      await this.#started?.[Symbol.asyncDispose]()
    }
  }

  async #untilOrderly(): Promise<void> {
    const { log, clock, random } = this.#options
    const { signal } = this.#end
    const pauses = new BackOff({ random, firstMs: 200, longestMs: 10_000 })
    for (let crashes = 0; ; crashes++) {
      const { isOrderly, how } = (await this.#started?.end) ?? { isOrderly: true, how: "" }
      log.info("endpoint ended", { ...this.#wanted, endpoint: this.#name, how })
      if (isOrderly || signal.aborted || crashes === mostCrashes) return
      await sleep(clock, pauses.next(), signal)
      this.#start()
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

/** Why nothing is started any more. */
export function ending(): NsmError {
  return new NsmError("SHUTTING_DOWN", "the supplier is ending")
}
