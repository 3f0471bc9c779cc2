import type { Connection } from "@nsm/api"
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

  /** Whether a peer asked for the connection that has an id at this hop. */
  isOf({ id }: Peer, connectionId: string): boolean {
    return id !== undefined && this.#asked.get(connectionId)?.peer === id
  }
}
