import { type Connection, type NetworkServiceRequest, State } from "@nsm/api"
import { type Call, callScope, withRenewedCall } from "../../../core/call.ts"
import { NsmError } from "../../../core/errors.ts"
import type { Serial } from "../../../core/serial.ts"
import { connectionOf } from "../../connection.ts"
import type { NetworkService } from "../../service.ts"
import { established } from "./established.ts"
import { type EventFactory, eventFactory } from "./event-factory.ts"
import { fromInside } from "./from-inside.ts"
import { merged, unbound } from "./merged.ts"
import { type Refusal, refusal } from "./refusal.ts"

/** What a connection's life is lived in. */
export interface Surroundings {
  readonly next: NetworkService
  readonly serial: Serial
  /** All lives that are not over. */
  readonly lives: Map<string, Life>
  readonly merges: boolean
  readonly signal: AbortSignal | undefined
}

/** A close for which nobody set a limit ends all the same. */
const longestCloseMs = 15_000

/**
 * A connection from its first request until it is closed. Calls from outside come one at a time;
 * events from inside line up with them.
 */
export class Life {
  readonly #id: string
  readonly #in: Surroundings
  readonly #events: EventFactory
  /** The first request's time, which later events get again. */
  readonly #budgetMs: number | undefined
  /** The latest call from outside; events run with its values. */
  #call: Call
  /** The last request that succeeded, with the connection that came of it. */
  #request: NetworkServiceRequest | undefined
  /** How the last caller from outside asked, and what it was answered. */
  #known: readonly Connection[] = []
  #isEstablished = false

  constructor(id: string, first: Call, surroundings: Surroundings) {
    this.#id = id
    this.#in = surroundings
    this.#call = first
    this.#budgetMs = first.remainingMs
    this.#events = {
      request: ({ reselect = false } = {}) => this.#repeat(reselect),
      close: (isStillDue = () => true) => this.#finish(isStillDue),
    }
  }

  /** A request from outside. */
  async request(asked: NetworkServiceRequest, call: Call): Promise<Connection> {
    if (connectionOf(asked).state === State.RESELECT_REQUESTED) await this.#letGo(call)
    const isNew = !this.#isEstablished
    try {
      const connection = await this.#run(this.#wanted(asked), call)
      if (isNew && call.signal.aborted) await this.#giveBack(call)
      this.#call = call
      this.#known = [connectionOf(asked), connection]
      return connection
    } catch (failure) {
      if (!this.#isEstablished) this.#end()
      throw failure
    }
  }

  /** A close from outside. Once begun it goes on, even when the caller gives up. */
  async close(call: Call): Promise<void> {
    this.#end()
    const budgetMs = call.remainingMs ?? this.#budgetMs ?? longestCloseMs
    await withRenewedCall(call, (renewed) => this.#close(renewed), { budgetMs })
  }

  #repeat(reselect: boolean): Promise<Connection> {
    return this.#event(async (call) => {
      const last = this.#request
      if (!last || this.#isOver) {
        throw new NsmError("CONNECTION_CLOSED", `connection ${this.#id} is closed`)
      }
      if (!reselect) return this.#run(last, call)
      await this.#letGo(call)
      return this.#run(unbound(last), call)
    }, this.#budgetMs)
  }

  async #finish(isStillDue: () => boolean): Promise<void> {
    await this.#event(async (call) => {
      if (this.#isOver || !isStillDue()) return
      this.#end()
      await this.#close(call)
    }, this.#budgetMs ?? longestCloseMs)
  }

  /** Runs something in its turn, as a call of its own with the values of the latest from outside. */
  #event<T>(run: (call: Call) => Promise<T>, budgetMs: number | undefined): Promise<T> {
    const { serial, signal } = this.#in
    return serial.run(this.#id, async () => {
      const { clock } = this.#call
      const deadline = budgetMs === undefined ? undefined : clock.now() + budgetMs
      using scope = callScope({ clock, deadline, signal })
      scope.signal.throwIfAborted()
      const call = this.#call.renewed({ deadline, signal: scope.signal })
      return await run(call.with(fromInside, true))
    })
  }

  #wanted(asked: NetworkServiceRequest): NetworkServiceRequest {
    const { merges } = this.#in
    if (!merges || !this.#request) return asked
    const current = connectionOf(this.#request)
    const request = merged({ request: asked, known: this.#known, current })
    return connectionOf(asked).state === State.RESELECT_REQUESTED ? unbound(request) : request
  }

  async #run(request: NetworkServiceRequest, call: Call): Promise<Connection> {
    const answer = await this.#in.next.request(request, this.#marked(call))
    const connection = answer.state === State.UP ? answer : { ...answer, state: State.UP }
    this.#request = { ...request, connection }
    this.#isEstablished = true
    return connection
  }

  /** Closes what is established, as it was answered last. */
  async #close(call: Call): Promise<void> {
    if (!this.#isEstablished || !this.#request) return
    const refused: Refusal = { isRefused: false }
    const marked = this.#marked(call).with(refusal, refused)
    this.#isEstablished = false
    try {
      await this.#in.next.close(connectionOf(this.#request), marked)
    } catch (failure) {
      if (refused.isRefused) this.#liveOn()
      throw failure
    }
  }

  /** Closes what was granted to a caller that gave up meanwhile: nobody would ever close it. */
  async #giveBack(call: Call): Promise<never> {
    const budgetMs = call.remainingMs ?? longestCloseMs
    const letGo = (renewed: Call): Promise<void> => this.#letGo(renewed.with(fromInside, true))
    await withRenewedCall(call, letGo, { budgetMs })
    throw NsmError.from(call.signal.reason, "CANCELLED")
  }

  /** Closes where what comes next does not hang on how that ends. */
  async #letGo(call: Call): Promise<void> {
    try {
      await this.#close(call)
    } catch (failure) {
      call.log.debug("a connection that is let go of did not close in order", {
        connectionId: this.#id,
        error: failure,
      })
    }
  }

  #marked(call: Call): Call {
    return call.with(eventFactory, this.#events).with(established, this.#isEstablished)
  }

  /** Nothing was closed: whoever asked for it may not. */
  #liveOn(): void {
    this.#isEstablished = true
    this.#in.lives.set(this.#id, this)
  }

  #end(): void {
    if (!this.#isOver) this.#in.lives.delete(this.#id)
  }

  get #isOver(): boolean {
    return this.#in.lives.get(this.#id) !== this
  }
}
