import { timestampMs } from "@bufbuild/protobuf/wkt"
import type { Connection } from "@nsm/api"
import type { Call } from "../../core/call.ts"
import { element, type Element } from "../../core/chain.ts"
import { KeyedTimers } from "../../tools/keyed-timers.ts"
import { connectionOf } from "../connection.ts"
import type { NetworkService } from "../service.ts"
import { type EventFactory, eventsOf } from "./begin/event-factory.ts"

/** How long expiry is watched. */
export interface TimeoutOptions {
  /** Ends all timers. @default never */
  readonly signal?: AbortSignal | undefined
}

/**
 * Closes a connection when its caller's token ends without a refresh, early enough for the close to
 * take as long as the request may have taken.
 *
 * Placement: after `updateToken` and `begin`; before whatever a close has to give back.
 */
export function timeout({ signal }: TimeoutOptions = {}): Element<NetworkService> {
  const timers = new KeyedTimers(signal)
  return element("timeout", (next) => ({
    async request(request, call) {
      const connection = connectionOf(request)
      const endsAt = timeOfEnd(connection, call)
      const events = eventsOf(call)
      const granted = await next.request(request, call)
      if (endsAt !== undefined) arm(connection.id, endsAt, events, call)
      return granted
    },
    async close(connection, call) {
      timers.cancel(connection.id)
      await next.close(connection, call)
    },
  }))

  function arm(id: string, endsAt: number, events: EventFactory, { clock, log }: Call): void {
    timers.arm(id, clock, endsAt - clock.now(), (isCurrent) => {
      log.info("the caller's token ended", { connectionId: id })
      // A refresh that came just in time may still be under way.
      events.close(isCurrent).catch((failure: unknown) => {
        log.warn("expired connection did not close in order", { connectionId: id, error: failure })
      })
    })
  }
}

/** When the close has to begin; short tokens keep half of what is left of them. */
function timeOfEnd({ path }: Connection, { clock, remainingMs = 0 }: Call): number | undefined {
  const caller = path?.pathSegments[path.index - 1] ?? path?.pathSegments[path.index]
  if (!caller?.expires) return undefined
  const expiresAt = timestampMs(caller.expires)
  const left = Math.max(0, expiresAt - clock.now())
  return expiresAt - Math.min(remainingMs, left / 2)
}
