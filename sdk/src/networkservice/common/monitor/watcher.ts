import { create, toBinary } from "@bufbuild/protobuf"
import {
  type Connection,
  type ConnectionEvent,
  ConnectionEventSchema,
  ConnectionEventType,
  ConnectionSchema,
  type MonitorScopeSelector,
} from "@nsm/api"
import type { NsmError } from "../../../core/errors.ts"
import { isSelected } from "./selector.ts"

const { INITIAL_STATE_TRANSFER, UPDATE, DELETE } = ConnectionEventType

/** How much is told together: gRPC takes 4 MiB in one message, and a longer one ends the watch. */
const mostPerEvent = 200
const mostBytes = 2 * 2 ** 20

interface Change {
  readonly type: ConnectionEventType
  readonly connection: Connection
}

/**
 * One who watches connections. A slow one misses what was in between, never how it ended: there is
 * at most one change in waiting per connection, and none for those that came and went unseen.
 */
export class Watcher {
  readonly selector: MonitorScopeSelector
  readonly #waiting = new Map<string, Change>()
  /** Ids of the connections that were sent and not deleted. */
  readonly #told = new Set<string>()
  #wake: () => void = () => {}
  #end: { readonly failure: NsmError | undefined } | undefined

  constructor(selector: MonitorScopeSelector) {
    this.selector = selector
  }

  /** Tells of a connection that was there when the watch began. */
  start(connection: Connection): void {
    this.#note(INITIAL_STATE_TRANSFER, connection)
  }

  update(connection: Connection): void {
    this.#note(UPDATE, connection)
  }

  delete(connection: Connection): void {
    if (this.#told.has(connection.id)) this.#note(DELETE, connection)
    else this.#waiting.delete(connection.id)
  }

  /** Ends the watch: in order, or with a failure. */
  end(failure?: NsmError): void {
    this.#end ??= { failure }
    this.#wake()
  }

  /** What is known at the start, even if that is nothing, and then every change until the end. */
  async *events(): AsyncGenerator<ConnectionEvent, void> {
    yield this.#take() ?? create(ConnectionEventSchema, { type: INITIAL_STATE_TRANSFER })
    while (!this.#end) {
      const event = this.#take()
      if (event) yield event
      else await new Promise<void>((resolve) => void (this.#wake = resolve))
    }
    if (this.#end.failure) throw this.#end.failure
  }

  #note(type: ConnectionEventType, connection: Connection): void {
    if (!isSelected(connection, this.selector)) return
    const isStart = this.#waiting.get(connection.id)?.type === INITIAL_STATE_TRANSFER
    this.#waiting.set(connection.id, { type: isStart ? INITIAL_STATE_TRANSFER : type, connection })
    this.#wake()
  }

  /** As much as goes into one event, which has one type. */
  #take(): ConnectionEvent | undefined {
    const connections: Record<string, Connection> = {}
    let type: ConnectionEventType | undefined
    let [count, bytes] = [0, 0]
    const isAlone = this.#waiting.size === 1
    for (const [id, change] of this.#waiting) {
      type ??= change.type
      if (change.type !== type || count === mostPerEvent) break
      if (!isAlone) bytes += toBinary(ConnectionSchema, change.connection).length
      if (count > 0 && bytes > mostBytes) break
      count += 1
      connections[id] = change.connection
      this.#waiting.delete(id)
      if (type === DELETE) this.#told.delete(id)
      else this.#told.add(id)
    }
    return type === undefined ? undefined : create(ConnectionEventSchema, { type, connections })
  }
}
