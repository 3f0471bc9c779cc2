import { type Connection, type NetworkServiceRequest, State } from "@nsm/api"
import { type Call, callScope, withRenewedCall } from "../../../core/call.ts"
import { NsmError } from "../../../core/errors.ts"
import type { Serial } from "../../../core/serial.ts"
import { connectionOf } from "../../connection.ts"
import type { NetworkService } from "../../service.ts"
import { established } from "./established.ts"
import { type EventFactory, eventFactory, type RepeatOptions } from "./event-factory.ts"
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

/** How long a close may hold up the request that it makes way for. */
const longestWayMs = 1000

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
      request: (options = {}) => this.#repeat(options),
      close: (isStillDue = () => true) => this.#finish(isStillDue),
    }
  }

  /** A request from outside. */
  async request(asked: NetworkServiceRequest, call: Call): Promise<Connection> {
    if (connectionOf(asked).state === State.RESELECT_REQUESTED) await this.#makeWay(call)
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
  async close(asked: Connection, call: Call): Promise<void> {
    if (this.#isOfFormerCaller(asked)) {
      call.log.info("close by a former hop is ignored", { connectionId: this.#id })
      return
    }
    this.#end()
    const budgetMs = call.remainingMs ?? this.#budgetMs ?? longestCloseMs
    await withRenewedCall(call, (renewed) => this.#close(renewed), { budgetMs })
  }

  #repeat({
    reselect = false,
    timeoutMs,
    isStillDue = () => true,
  }: RepeatOptions): Promise<Connection> {
    return this.#event(
      async (call) => {
        const last = this.#request
        if (!last || this.#isOver) {
          throw new NsmError("CONNECTION_CLOSED", `connection ${this.#id} is closed`)
        }
        if (!isStillDue()) return connectionOf(last)
        if (!reselect) return this.#run(last, call)
        await this.#makeWay(call)
        return this.#run(unbound(last, this.#known[0]), call)
      },
      shortest(timeoutMs, this.#budgetMs),
    )
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
    const wanted = connectionOf(asked)
    return wanted.state === State.RESELECT_REQUESTED ? unbound(request, wanted) : request
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
    await this.#letGo(call.with(fromInside, true), { budgetMs })
    throw NsmError.from(call.signal.reason, "CANCELLED")
  }

  /** Closes so that time is left for the request that follows: what is left is often out of reach. */
  async #makeWay(call: Call): Promise<void> {
    const { remainingMs = Infinity } = call
    await this.#letGo(call, { budgetMs: Math.min(longestWayMs, remainingMs / 2), atLeastMs: 0 })
  }

  /** Closes where what comes next does not hang on how that ends. */
  async #letGo(call: Call, limits: { budgetMs: number; atLeastMs?: number }): Promise<void> {
    try {
      await withRenewedCall(call, (renewed) => this.#close(renewed), limits)
    } catch (failure) {
      call.log.debug("a connection that is let go of did not close in order", {
        connectionId: this.#id,
        error: failure,
      })
    }
  }

  /** Whether the connection has come by way of another hop since the one that asks had it. */
  #isOfFormerCaller(asked: Connection): boolean {
    const former = callerId(asked)
    const current = this.#request && callerId(connectionOf(this.#request))
    return former !== undefined && current !== undefined && former !== current
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

/** The shortest of the limits that are set. */
function shortest(...limits: readonly (number | undefined)[]): number | undefined {
  const set = limits.filter((limit) => limit !== undefined)
  return set.length === 0 ? undefined : Math.min(...set)
}

/** The segment's id of the hop that calls; undefined where connections begin. */
function callerId({ path }: Connection): string | undefined {
  return path?.pathSegments[path.index - 1]?.id
}
