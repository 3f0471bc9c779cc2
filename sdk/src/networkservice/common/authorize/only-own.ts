import { type ConnectionEvent, ConnectionEventType } from "@nsm/api"

const { DELETE, INITIAL_STATE_TRANSFER } = ConnectionEventType

/**
 * Of all that a watch tells, only what is about the connections of one peer. One that has been told
 * of is told of to its end, which is known when it is nobody's any more.
 */
export async function* onlyOwn(
  events: AsyncIterable<ConnectionEvent>,
  isOwn: (connectionId: string) => boolean,
): AsyncGenerator<ConnectionEvent, void> {
  const told = new Set<string>()
  for await (const event of events) {
    const own = Object.entries(event.connections).filter(([id]) => told.has(id) || isOwn(id))
    for (const [id] of own) {
      if (event.type === DELETE) told.delete(id)
      else told.add(id)
    }
    if (own.length > 0 || event.type === INITIAL_STATE_TRANSFER) {
      yield { ...event, connections: Object.fromEntries(own) }
    }
  }
}
