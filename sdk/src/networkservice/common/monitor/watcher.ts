import { create } from "@bufbuild/protobuf"
import {
  type Connection,
  type ConnectionEvent,
  ConnectionEventSchema,
  ConnectionEventType,
  type MonitorScopeSelector,
  State,
} from "@nsm/api"
import type { Clock } from "../../../core/clock.ts"
import type { NsmError } from "../../../core/errors.ts"
import { mostBytesOf } from "./most-bytes.ts"
import { isSelected } from "./selector.ts"

const { INITIAL_STATE_TRANSFER, UPDATE, DELETE } = ConnectionEventType

/** How much is told together: gRPC takes 4 MiB in one message, and a longer one ends the watch. */
const mostPerEvent = 200
const mostBytes = 3.5 * 2 ** 20
/**
 * How long that connections are well waits for more of the kind. Who asked for them has the answers,
 * and many that are asked for at a time would wait for what watchers are told in between.
 */
const gatherMs = 250

interface Change {
  readonly type: ConnectionEventType
  readonly connection: Connection
}

/**
 * One who watches connections. A slow one misses what was in between, never how it ended: there is
 * at most one change in waiting per connection, and none for those that came and went meanwhile.
 */
export class Watcher {
  readonly selector: MonitorScopeSelector
  readonly #clock: Clock
  readonly #waiting = new Map<string, Change>()
  /** The connections that were sent and not deleted, by their ids, as they were then. */
  readonly #told = new Map<string, State>()
  /** Whether what waits is to be told now. */
  #isDue = false
  /** Whether it has not asked for more since it was told something. */
  #isBehind = true
  #wake: () => void = () => {}
  #gathering: Disposable | undefined
  #end: { readonly failure: NsmError | undefined } | undefined

  constructor(selector: MonitorScopeSelector, clock: Clock) {
    this.selector = selector
    this.#clock = clock
  }

  /** Tells of a connection that was there when the watch began. */
  start(connection: Connection): void {
    this.#note(INITIAL_STATE_TRANSFER, connection)
  }

  update(connection: Connection): void {
    this.#note(UPDATE, connection)
  }

  delete(connection: Connection): void {
    const isNews = this.#told.has(connection.id) || !this.#isBehind
    if (isNews) this.#note(DELETE, connection)
    else this.#waiting.delete(connection.id)
  }

  /** Ends the watch: in order, or with a failure. */
  end(failure?: NsmError): void {
    this.#end ??= { failure }
    this.#gathering?.[Symbol.dispose]()
    this.#wake()
  }

  /** What is known at the start, even if that is nothing, and then every change until the end. */
  async *events(): AsyncGenerator<ConnectionEvent, void> {
    yield this.#take() ?? create(ConnectionEventSchema, { type: INITIAL_STATE_TRANSFER })
    while (!this.#end) {
      this.#isBehind = false
      const event = this.#isDue ? this.#take() : undefined
      if (event) {
        this.#isBehind = true
        yield event
      } else await new Promise<void>((resolve) => void (this.#wake = resolve))
    }
    if (this.#end.failure) throw this.#end.failure
  }

  #note(type: ConnectionEventType, connection: Connection): void {
    if (!isSelected(connection, this.selector)) return
    const isStart = this.#waiting.get(connection.id)?.type === INITIAL_STATE_TRANSFER
    this.#waiting.set(connection.id, { type: isStart ? INITIAL_STATE_TRANSFER : type, connection })
    if (type === UPDATE && this.#isKnownWell(connection)) this.#gather()
    else this.#tellNow()
  }

  /** Whether a connection is up, and was not told to be anything else. */
  #isKnownWell({ id, state }: Connection): boolean {
    return state === State.UP && (this.#told.get(id) ?? State.UP) === State.UP
  }

  #gather(): void {
    if (this.#end) return
    this.#gathering ??= this.#clock.schedule(gatherMs, () => {
      this.#gathering = undefined
      this.#tellNow()
    })
  }

  #tellNow(): void {
    this.#isDue = true
    this.#wake()
  }

  /** As much as goes into one event, which has one type. */
  #take(): ConnectionEvent | undefined {
    const connections: Record<string, Connection> = {}
    let type: ConnectionEventType | undefined
    let [count, bytes] = [0, 0]
    for (const [id, change] of this.#waiting) {
      type ??= change.type
      if (change.type !== type || count === mostPerEvent) break
      bytes += mostBytesOf(change.connection)
      if (count > 0 && bytes > mostBytes) break
      count += 1
      connections[id] = change.connection
      this.#waiting.delete(id)
      if (type === DELETE) this.#told.delete(id)
      else this.#told.set(id, change.connection.state)
    }
    this.#isDue &&= this.#waiting.size > 0
    return type === undefined ? undefined : create(ConnectionEventSchema, { type, connections })
  }
}
