import { timestampMs } from "@bufbuild/protobuf/wkt"
import type { NetworkServiceEndpoint } from "@nsm/api"
import type { Call } from "../../core/call.ts"
import { type Element, element } from "../../core/chain.ts"
import { NsmError } from "../../core/errors.ts"
import { KeyedTimers } from "../../tools/keyed-timers.ts"
import type { NetworkServiceEndpointRegistry } from "../service.ts"
import { registrationEvents } from "./registration-events.ts"

/** When registrations are renewed. */
export interface RefreshOptions {
  /** How long to wait after a renewal that failed, and at least between two. @default 200 */
  pauseMs?: number
  /** Ends all renewals. @default never */
  signal?: AbortSignal
}

/**
 * Renews a registration when two thirds of its time are over, until it is taken out.
 *
 * Placement: in clients of a registry, after `begin`, whose events it uses.
 */
export function refresh({
  pauseMs = 200,
  signal,
}: RefreshOptions = {}): Element<NetworkServiceEndpointRegistry> {
  return element("refresh", (next) => {
    const timers = new KeyedTimers(signal)
    const renewIn = (ms: number, name: string, call: Call): void => {
      const events = call.get(registrationEvents)
      const renew = (isCurrent: () => boolean): void => {
        events?.register().catch((failure: unknown) => {
          // Taken out, or renewed by its owner, in the meantime.
          if (!isCurrent()) return
          const error = NsmError.from(failure)
          if (error.reason !== "CANCELLED") {
            call.log.warn("a registration could not be renewed", { endpoint: name, error })
          }
          renewIn(pauseMs, name, call)
        })
      }
      timers.arm(name, call.clock, ms, renew)
    }

    return {
      async register(endpoint, call) {
        const granted = await next.register(endpoint, call)
        const left = remainingMs(granted, call)
        if (left === undefined) timers.cancel(endpoint.name)
        // A registry whose clock is behind may say that the end is over already.
        else renewIn(Math.max(pauseMs, (left * 2) / 3), endpoint.name, call)
        return granted
      },
      async unregister(endpoint, call) {
        timers.cancel(endpoint.name)
        await next.unregister(endpoint, call)
      },
    }
  })
}

function remainingMs(
  { expirationTime }: NetworkServiceEndpoint,
  { clock }: Call,
): number | undefined {
  return expirationTime && Math.max(0, timestampMs(expirationTime) - clock.now())
}
