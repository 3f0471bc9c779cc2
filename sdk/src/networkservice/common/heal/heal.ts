import type { Call } from "../../../core/call.ts"
import { element, type Element } from "../../../core/chain.ts"
import type { Random } from "../../../core/random.ts"
import { connectionOf } from "../../connection.ts"
import type { NetworkService } from "../../service.ts"
import { eventsOf } from "../begin/event-factory.ts"
import { fromInside } from "../begin/from-inside.ts"
import { type Changes, publish } from "../monitor/publish.ts"
import { Healer } from "./healer.ts"
import type { Liveness } from "./liveness.ts"
import type { HealObserver } from "./observer.ts"

/** How connections heal. */
export interface HealOptions {
  /** Spreads the tries of clients that lost the same thing. */
  readonly random: Random
  /**
   * Tells whether a wire carries packets. With it a connection is restored as long as its wire
   * lives; without it a lost one is selected anew.
   * @default nobody can tell
   */
  readonly liveness?: Liveness | undefined
  /** Time between two looks at a wire. @default 200 */
  readonly intervalMs?: number | undefined
  /** Learn what heals. @default nobody */
  readonly observers?: readonly HealObserver[]
  /** Ends all healing. @default never */
  readonly signal?: AbortSignal | undefined
}

/**
 * Brings a connection back when a hop on its path or its wire is lost: restores it where the wire
 * lives, selects anew where it does not. The folder's README is its contract.
 *
 * Placement: in the client that began the connection, after `refresh`; `relayMonitor`, behind it,
 * tells it what becomes of the connection.
 */
export function heal({ signal, ...options }: HealOptions): Element<NetworkService> {
  const healers = new Map<string, Healer>()
  signal?.addEventListener("abort", endAll, { once: true })

  return element("heal", (next) => ({
    async request(request, call) {
      const { id } = connectionOf(request)
      const known = healerOf(id, call)
      const healer = known ?? new Healer(id, eventsOf(call), call, options)
      healers.set(id, healer)
      try {
        const granted = await next.request(request, call.with(publish, tell))
        if (!signal?.aborted) healer.granted(granted)
        return granted
      } catch (failure) {
        if (!known) healers.delete(id)
        throw failure
      }
    },
    async close(connection, call) {
      const healer = healers.get(connection.id)
      // To select anew is to close and to request, and healing goes on over both.
      const isOver = !(healer?.isReselecting && call.get(fromInside))
      if (isOver) healers.delete(connection.id)
      if (isOver) healer?.end()
      else healer?.rest()
      await next.close(connection, call)
    },
  }))

  /** One whose connection was closed without a word is of no use to its successor. */
  function healerOf(id: string, call: Call): Healer | undefined {
    const known = healers.get(id)
    if (!known || (!known.isOver && known.isOf(eventsOf(call)))) return known
    known.end()
    return undefined
  }

  function tell(id: string, { state }: Changes): void {
    if (state !== undefined) healers.get(id)?.told(state)
  }

  function endAll(): void {
    for (const healer of healers.values()) healer.end()
    healers.clear()
  }
}
