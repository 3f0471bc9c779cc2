import { type Connection, State } from "@nsm/api"
import type { Call } from "../../../core/call.ts"
import { NsmError } from "../../../core/errors.ts"
import type { EventFactory } from "../begin/event-factory.ts"
import type { HealOptions } from "./heal.ts"
import { stillLives } from "./liveness.ts"
import type { HealCause, Healed, HealObserver, HealResult } from "./observer.ts"
import { PacedRefresh } from "./paced-refresh.ts"
import { Pacing } from "./pacing.ts"
import { WireWatch } from "./wire-watch.ts"

const { DOWN, REFRESH_REQUESTED, RESELECT_REQUESTED } = State

/** How long a wire may take to be mended by a plain request before another one is selected. */
const mendMs = 1000

/** How long a try may take while the wire is dead: what hangs now may answer at once a second later. */
const tryMs = 5000

/** One connection from its first request until it is closed: sees to it that it comes back. */
export class Healer {
  readonly #id: string
  readonly #events: EventFactory
  readonly #call: Pick<Call, "clock" | "log">
  readonly #options: Omit<HealOptions, "signal">
  readonly #end = new AbortController()
  readonly #watch: WireWatch | undefined
  readonly #refresh: PacedRefresh
  readonly #pacing: Pacing
  #connection: Connection | undefined
  /** Why it heals just now. */
  #cause: HealCause | undefined
  #isReselecting = false
  /** How often it was granted. */
  #grants = 0
  /** Whether a hop has lost it since it was asked for last: what is granted now may be lost already. */
  #isLostAgain = false

  constructor(
    id: string,
    events: EventFactory,
    { clock, log }: Pick<Call, "clock" | "log">,
    options: Omit<HealOptions, "signal">,
  ) {
    this.#id = id
    this.#events = events
    this.#call = { clock, log }
    this.#options = options
    const { liveness, intervalMs = 200, random } = options
    const { signal } = this.#end
    this.#refresh = new PacedRefresh({ connectionId: id, events, clock, log, signal })
    this.#pacing = new Pacing({ clock, random, signal })
    const onAlive = (): void => this.#pacing.lives()
    const onDead = (): void => this.#begin("data-plane")
    const watching = { intervalMs, random, clock, onAlive, onDead }
    this.#watch = liveness && new WireWatch({ liveness, ...watching })
  }

  /** Whether the connection is closed. */
  get isOver(): boolean {
    return this.#end.signal.aborted
  }

  /** Whether it is the connection with these events, not another one under the same id. */
  isOf(events: EventFactory): boolean {
    return this.#events === events
  }

  /** Whether it is closing the connection just to request it anew. */
  get isReselecting(): boolean {
    return this.#isReselecting
  }

  /** The connection was granted, first or again. */
  granted(connection: Connection): void {
    this.#connection = connection
    this.#grants += 1
    // Told before the first grant got here, when there was nothing to heal yet.
    if (this.#isLostAgain) this.#begin("control-plane")
    if (!this.#cause) this.#watch?.start(connection)
  }

  /** A hop on the path says how the connection is. */
  told(state: State): void {
    if (state === DOWN) this.#lost()
    else if (state === RESELECT_REQUESTED) this.#begin("requested")
    else if (state === REFRESH_REQUESTED && !this.#cause) this.#refresh.ask()
  }

  /** There is no wire to look at, for now. */
  rest(): void {
    this.#watch?.stop()
  }

  /** The connection is closed: nothing of this goes on. */
  end(): void {
    this.#watch?.stop()
    this.#end.abort(new NsmError("CONNECTION_CLOSED", `connection ${this.#id} is closed`))
  }

  #lost(): void {
    this.#isLostAgain = true
    this.#begin("control-plane")
  }

  /** At most one healing at a time; whatever else is noticed meanwhile is part of it. */
  #begin(cause: HealCause): void {
    if (this.#cause || !this.#connection || this.isOver) return
    const { clock, log } = this.#call
    const since = clock.now()
    this.#cause = cause
    this.#watch?.stop()
    log.warn("connection is lost and heals", { connectionId: this.#id, cause })
    for (const observer of this.#observers) observer.began?.(this.#id, cause)
    this.#run(cause)
      .catch((error: unknown): HealResult => {
        if (!this.isOver) log.error("healing failed", { connectionId: this.#id, error })
        this.end()
        return "closed"
      })
      .then((result) => this.#done({ cause, result, ms: clock.now() - since }))
      .catch((error: unknown) => log.error("healing failed", { connectionId: this.#id, error }))
  }

  #done(healed: Healed): void {
    this.#cause = undefined
    this.#isLostAgain = false
    this.#pacing.healed()
    this.#call.log.info("connection has healed", { connectionId: this.#id, ...healed })
    for (const observer of this.#observers) observer.ended?.(this.#id, healed)
    if (this.#connection && healed.result !== "closed") this.#watch?.start(this.#connection)
  }

  get #observers(): readonly HealObserver[] {
    return this.#options.observers ?? []
  }

  async #run(cause: HealCause): Promise<HealResult> {
    await this.#pacing.begin(cause)
    // What is selected stays selected while it can be mended.
    const isMended = cause === "data-plane" && (await this.#mends())
    if (isMended && !this.#isLostAgain) return "restored"
    const pause = this.#pacing.tries()
    for (let reselects = cause !== "control-plane" && !isMended; ;) {
      reselects ||= !(await this.#isAlive())
      const result = await this.#tries(reselects)
      // What is told while it is selected anew may still be of what was closed for that.
      if (result === "reselected" || (result && !this.#isLostAgain)) return result
      // It was back before a hop lost it again: whether that cost it its wire is to be seen.
      if (result) reselects = false
      await pause()
    }
  }

  /** Whether a plain request makes packets pass again. */
  async #mends(): Promise<boolean> {
    return (await this.#requests({ timeoutMs: mendMs })) && (await this.#isAlive())
  }

  async #tries(reselect: boolean): Promise<HealResult | undefined> {
    const grants = this.#grants
    let isBack = false
    // What stood in line before may have brought it back, and would be given up again.
    const isStillDue = (): boolean => {
      isBack = this.#cause !== "requested" && this.#grants > grants
      return !isBack
    }
    this.#isReselecting = reselect
    try {
      // A live wire is in no hurry, and nobody else must wait for those who are asked too often.
      const how = reselect ? { reselect, timeoutMs: tryMs, isStillDue } : {}
      if (!(await this.#requests(how))) return undefined
    } finally {
      this.#isReselecting = false
    }
    if (reselect && !isBack) return "reselected"
    return !isBack || (await this.#isAlive()) ? "restored" : undefined
  }

  async #requests(how: Parameters<EventFactory["request"]>[0]): Promise<boolean> {
    this.#end.signal.throwIfAborted()
    this.#isLostAgain = false
    try {
      await this.#events.request(how)
      return true
    } catch (failure) {
      if (isClosed(failure)) this.end()
      if (this.isOver) throw failure
      this.#call.log.debug("a try to heal failed", { connectionId: this.#id, error: failure })
      return false
    }
  }

  async #isAlive(): Promise<boolean> {
    const { liveness } = this.#options
    const { clock, log } = this.#call
    const { signal } = this.#end
    if (!this.#connection) return false
    return stillLives(this.#connection, { liveness, clock, log, signal })
  }
}

/** Whether nobody wants the connection any more: said by this process, not by a hop. */
function isClosed(failure: unknown): boolean {
  const { reason, hop } = NsmError.from(failure)
  return reason === "CONNECTION_CLOSED" && hop === undefined
}
