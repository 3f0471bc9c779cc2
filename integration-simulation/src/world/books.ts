import type { Connection } from "@nsm/api"
import { connectionIdOf } from "./connection-id.ts"
import type { Unauthorized } from "./unauthorized.ts"

/** What a hop holds of a connection. */
export interface Entry {
  readonly hop: string
  readonly connection: Connection
  /** The client's id for it, which is the same at all hops. */
  readonly clientId: string
}

/** A call that somebody serves or waits for. */
export interface OpenCall {
  readonly hop: string
  readonly what: string
  readonly connectionId: string
  /** When it has to be over, on the world's clock. */
  readonly endsBy: number
}

/** What goes on at the hops, written down by probes in their chains. */
export class Books {
  /** By hop and its own id. */
  readonly entries = new Map<string, Map<string, Entry>>()
  readonly #authorized = new Map<string, number>()
  readonly open = new Set<OpenCall>()
  /** Chains of tokens that should not have come so far. */
  readonly unauthorized: Unauthorized[] = []
  /** Requests served, by hop. */
  readonly requests = new Map<string, number>()
  readonly timers = new Map<string, number>()
  /** Who does not let time go on. */
  isBusy: string | undefined

  granted(hop: string, connection: Connection): void {
    const own = this.entries.get(hop) ?? new Map<string, Entry>()
    this.entries.set(hop, own)
    const clientId = connectionIdOf(connection)
    own.set(connection.id, { hop, connection, clientId })
  }

  /** A chain of tokens held when a hop was asked for a connection. */
  authorized(hop: string, clientId: string, until: number): void {
    const key = `${hop} ${clientId}`
    this.#authorized.set(key, Math.max(until, this.#authorized.get(key) ?? 0))
  }

  /** Until when a hop was ever asked for a connection with good tokens. */
  authorizedUntil(hop: string, clientId: string): number | undefined {
    return this.#authorized.get(`${hop} ${clientId}`)
  }

  /** Whether an endpoint has given an address to another connection than that of this id there. */
  isTaken(endpoint: string, address: string, id: string): boolean {
    const held = this.entries.get(endpoint)?.values() ?? []
    return [...held].some(
      ({ connection }) =>
        connection.id !== id && connection.context?.ipContext?.srcIpAddrs.includes(address),
    )
  }

  closed(hop: string, id: string): void {
    this.entries.get(hop)?.delete(id)
  }

  /** What a process held went with it. */
  died(hop: string): void {
    this.entries.delete(hop)
    for (const call of this.open) if (call.hop === hop) this.open.delete(call)
  }

  request(hop: string): void {
    this.requests.set(hop, (this.requests.get(hop) ?? 0) + 1)
  }

  timer(process: string): void {
    this.timers.set(process, (this.timers.get(process) ?? 0) + 1)
  }

  all(): readonly Entry[] {
    return [...this.entries.values()].flatMap((own) => [...own.values()])
  }
}
