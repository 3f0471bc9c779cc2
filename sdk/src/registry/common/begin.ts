import { type Call, withCall } from "../../core/call.ts"
import { type Element, element } from "../../core/chain.ts"
import { NsmError } from "../../core/errors.ts"
import { Serial } from "../../core/serial.ts"
import type { Deletable, Named, Watchable } from "../kind.ts"
import type { Registry } from "../service.ts"
import { isRenewal, type RegistrationEvents, registrationEvents } from "./registration-events.ts"

/** How `begin` runs events. */
export interface BeginOptions {
  /** Ends the events that are running. @default never */
  signal?: AbortSignal
  /** How long an event may take; Infinity where elements behind it set limits. @default 15000 */
  eventTimeoutMs?: number
}

/**
 * Lets one call at a time work on an entry, in the order in which they came, and gives the elements
 * behind it the events of that entry.
 *
 * Placement: before every element that keeps something per entry.
 */
export function begin<
  Entry extends Named & { expirationTime?: unknown },
  Query extends Watchable,
  Response extends Deletable,
>({ signal, eventTimeoutMs = 15_000 }: BeginOptions = {}): Element<
  Registry<Entry, Query, Response>
> {
  return element("begin", (next) => {
    const serial = new Serial()
    const registered = new Map<string, Entry>()
    const events = new Map<string, AbortController>()
    const renewals = new Map<string, Promise<void>>()
    const timeoutMs = eventTimeoutMs === Infinity ? undefined : eventTimeoutMs

    const register = async (entry: Entry, call: Call): Promise<Entry> => {
      const own = eventsOf(entry.name, call)
      const granted = await next.register(entry, call.with(registrationEvents, own))
      registered.set(entry.name, granted)
      return granted
    }
    const unregister = async (entry: Entry, call: Call): Promise<void> => {
      const last = registered.get(entry.name) ?? entry
      await next.unregister(last, call.with(registrationEvents, eventsOf(entry.name, call)))
      registered.delete(entry.name)
    }

    const eventsOf = (name: string, { clock, log }: Call): RegistrationEvents => {
      const run = (work: (entry: Entry, call: Call) => Promise<unknown>): Promise<void> =>
        serial.run(name, async () => {
          const entry = registered.get(name)
          if (!entry) return
          const controller = new AbortController()
          const signals = signal ? [controller.signal, signal] : [controller.signal]
          events.set(name, controller)
          try {
            const ends = { clock, log, signal: AbortSignal.any(signals), timeoutMs }
            await withCall(ends, (call) => work(entry, call))
          } finally {
            events.delete(name)
          }
        })
      const renew = async (): Promise<void> => {
        try {
          await run((entry, call) =>
            register({ ...entry, expirationTime: undefined }, call.with(isRenewal, true)),
          )
        } finally {
          renewals.delete(name)
        }
      }
      return {
        register() {
          const renewal = renewals.get(name) ?? renew()
          renewals.set(name, renewal)
          return renewal
        },
        unregister: (isStillDue = () => true) =>
          run(async (entry, call) => {
            if (isStillDue()) await unregister(entry, call)
          }),
      }
    }

    /** A caller does not wait for an event: what it is about is decided by the caller now. */
    const overtake = (name: string): void =>
      events.get(name)?.abort(new NsmError("CANCELLED", `a new call for ${name} came in`))

    return {
      async register(entry, call) {
        if (entry.name === "") throw new NsmError("INVALID_REQUEST", "an entry needs a name")
        overtake(entry.name)
        return await serial.run(entry.name, () => register(entry, call), call.signal)
      },
      async unregister(entry, call) {
        overtake(entry.name)
        await serial.run(entry.name, () => unregister(entry, call), call.signal)
      },
    }
  })
}
