import { type Connection, type ConnectionEvent, ConnectionEventType } from "@nsm/api"
import type { Peer } from "../../../core/call.ts"

/** Which connections peers have asked for, by their SPIFFE ids. */
export class Callers {
  /** By the id of the connection at this hop. */
  readonly #asked = new Map<string, { readonly peer: string; readonly id: string }>()

  /** Notes who asked for a connection, under the id that it has at the caller. */
  add({ id, path }: Connection, peer: Peer | undefined): void {
    const caller = path?.pathSegments[path.index - 1]
    if (caller && peer?.id !== undefined) this.#asked.set(id, { peer: peer.id, id: caller.id })
  }

  /** Forgets a connection. */
  delete({ id }: Connection): void {
    this.#asked.delete(id)
  }

  /** The ids that each peer's connections have at that peer. */
  connections(): Readonly<Record<string, readonly string[]>> {
    const connections: Record<string, string[]> = Object.create(null) as Record<string, string[]>
    for (const { peer, id } of this.#asked.values()) (connections[peer] ??= []).push(id)
    return connections
  }

  /** Whether a connection is called so by the peer that asked for it. */
  isKnown(id: string): boolean {
    return this.#asked.values().some((asked) => asked.id === id)
  }

  /** What an event tells of a peer's own connections; undefined when that is nothing to tell. */
  ownOf({ id }: Peer, event: ConnectionEvent): ConnectionEvent | undefined {
    const own = Object.entries(event.connections).filter(
      ([connectionId]) => id !== undefined && this.#asked.get(connectionId)?.peer === id,
    )
    const isStart = event.type === ConnectionEventType.INITIAL_STATE_TRANSFER
    return own.length > 0 || isStart
      ? { ...event, connections: Object.fromEntries(own) }
      : undefined
  }
}
