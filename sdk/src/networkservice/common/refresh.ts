import { timestampMs } from "@bufbuild/protobuf/wkt"
import type { Connection } from "@nsm/api"
import type { Call } from "../../core/call.ts"
import { element, type Element } from "../../core/chain.ts"
import type { Random } from "../../core/random.ts"
import { BackOff } from "../../tools/back-off.ts"
import { KeyedTimers } from "../../tools/keyed-timers.ts"
import { connectionOf } from "../connection.ts"
import type { NetworkService } from "../service.ts"
import { type EventFactory, eventsOf } from "./begin/event-factory.ts"

/** How a connection is kept. */
export interface RefreshOptions {
  /** Spreads the refreshes of connections that were requested together. */
  readonly random: Random
  /** Around what time after a failed refresh the next begins; grows with each up to 5 s. @default 200 */
  readonly retryMs?: number | undefined
  /** Ends all timers. @default never */
  readonly signal?: AbortSignal | undefined
}

/**
 * Repeats the request of a connection long before the first token of its path ends, and again soon
 * after a refresh that failed, until the connection is closed.
 *
 * Placement: after `begin`, from where the request is repeated; only in the chain that began it.
 */
export function refresh({
  random,
  retryMs = 200,
  signal,
}: RefreshOptions): Element<NetworkService> {
  const timers = new KeyedTimers(signal)
  return element("refresh", (next) => ({
    async request(request, call) {
      const { id } = connectionOf(request)
      const events = eventsOf(call)
      const granted = await next.request(request, call)
      const delayMs = refreshDelay(granted, call)
      if (delayMs === undefined) timers.cancel(id)
      else arm(id, Math.max(retryMs, spread(delayMs)), events, call)
      return granted
    },
    async close(connection, call) {
      timers.cancel(connection.id)
      await next.close(connection, call)
    },
  }))

  function arm(id: string, delayMs: number, events: EventFactory, { clock, log }: Call): void {
    const backOff = new BackOff({ random, firstMs: retryMs, longestMs: longestRetryMs })
    let failures = 0
    const run = (isCurrent: () => boolean): void => {
      events.request().catch((error: unknown) => {
        // Whoever closed or requested meanwhile has said what comes next.
        if (!isCurrent()) return
        // Once is news.
        const level = failures++ === 0 ? "warn" : "debug"
        log[level]("refresh failed, tries again", { connectionId: id, error })
        timers.arm(id, clock, backOff.next(), run)
      })
    }
    timers.arm(id, clock, delayMs, run)
  }

  /** Up to a tenth earlier: what was requested together is not refreshed together. */
  function spread(ms: number): number {
    return ms - (ms * random.integer(1001)) / 10_000
  }
}

const longestRetryMs = 5000

/** Between a fifth and two fifths of what the shortest token has left, later hops later. */
function refreshDelay({ path }: Connection, { clock }: Call): number | undefined {
  const { index = 0, pathSegments = [] } = path ?? {}
  const ends = pathSegments.flatMap(({ expires }) => (expires ? [timestampMs(expires)] : []))
  if (ends.length === 0) return undefined
  const left = Math.max(0, ends.reduce((a, b) => Math.min(a, b)) - clock.now())
  const count = pathSegments.length
  return count === 1 ? left / 3 : left * (0.2 + (0.2 * index) / count)
}
