import { timestampFromMs, timestampMs } from "@bufbuild/protobuf/wkt"
import { Header, type NetworkServiceEndpoint } from "@nsm/api"
import type { Call } from "../../core/call.ts"
import { type Element, element } from "../../core/chain.ts"
import type { Clock } from "../../core/clock.ts"
import type { TokenSource } from "../../identity/token.ts"
import { Deadlines } from "../../tools/deadlines.ts"
import type { NetworkServiceEndpointRegistry } from "../service.ts"
import { type RegistrationEvents, registrationEvents } from "./registration-events.ts"

/** How long registrations last. */
export interface ExpireOptions {
  clock: Clock
  /** How long at most. @default 60000 */
  periodMs?: number
  /** The process's own tokens: no registration outlives the one for its caller. @default none */
  tokens?: TokenSource
  /** Ends the wait for expirations. @default never */
  signal?: AbortSignal
}

/** Time before an endpoint that could not be taken out is taken out again. */
const retryMs = 10_000

/**
 * Sets when a registration ends, and takes out those that were not renewed by then.
 *
 * Placement: after `begin`, whose events it uses, and before what keeps the entries.
 */
export function expire({
  clock,
  periodMs = 60_000,
  tokens,
  signal,
}: ExpireOptions): Element<NetworkServiceEndpointRegistry> {
  return element("expire", (next) => {
    const registrations = new Map<string, { at: number; end: () => void }>()
    const deadlines = new Deadlines({ clock, due: (name) => registrations.get(name)?.end() })
    signal?.addEventListener("abort", () => deadlines[Symbol.dispose](), { once: true })

    const endAt = (at: number, name: string, events: RegistrationEvents, call: Call): void => {
      registrations.set(name, { at, end: () => end(name, events, call) })
      if (!signal?.aborted) deadlines.set(name, at)
    }
    const end = (name: string, events: RegistrationEvents, call: Call): void => {
      const isStillDue = (): boolean => (registrations.get(name)?.at ?? Infinity) <= clock.now()
      events.unregister(isStillDue).catch((error: unknown) => {
        call.log.warn("an expired endpoint could not be taken out", { endpoint: name, error })
        // Unless it has registered meanwhile. Elements behind this one still remember it.
        if (!registrations.has(name)) endAt(clock.now() + retryMs, name, events, call)
      })
    }

    return {
      async register(entry, call) {
        const limits = [
          requested(entry),
          clock.now() + periodMs,
          tokens?.token(call.peer).expiresAt,
          callersTokenEnd(call),
        ].filter((limit) => limit !== undefined)
        const expirationTime = timestampFromMs(Math.min(...limits))
        const granted = await next.register({ ...entry, expirationTime }, call)
        const at = Math.min(...limits, requested(granted) ?? Infinity)
        const events = call.get(registrationEvents)
        if (events) endAt(at, entry.name, events, call)
        return { ...granted, expirationTime: timestampFromMs(at) }
      },
      async unregister(entry, call) {
        registrations.delete(entry.name)
        deadlines.delete(entry.name)
        await next.unregister(entry, call)
      },
    }
  })
}

function requested({ expirationTime }: NetworkServiceEndpoint): number | undefined {
  return expirationTime && timestampMs(expirationTime)
}

function callersTokenEnd({ metadata }: Call): number | undefined {
  const end = Date.parse(metadata.get(Header.clientTokenExpires) ?? "")
  return Number.isNaN(end) ? undefined : end
}
