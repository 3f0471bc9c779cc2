import { create } from "@bufbuild/protobuf"
import { NetworkServiceQuerySchema } from "@nsm/api"
import { type Call, withCall } from "../../core/call.ts"
import { type Element, element } from "../../core/chain.ts"
import { KeyedTimers } from "../../tools/keyed-timers.ts"
import type { NetworkServiceRegistry } from "../service.ts"
import { type RegistrationEvents, registrationEvents } from "./registration-events.ts"

/** How what was lost is noticed. */
export interface RestoreOptions {
  /** Time between two looks at the registry, and the most that a look may take. @default 20000 */
  periodMs?: number
  /** Ends all looking. @default never */
  signal?: AbortSignal
}

/**
 * Registers a network service again that the registry has lost, as one in memory does when it
 * restarts. What is there stays as it is, whoever changed it.
 *
 * Placement: in clients of a registry, after `begin`, whose events it uses.
 */
export function restore({
  periodMs = 20_000,
  signal,
}: RestoreOptions = {}): Element<NetworkServiceRegistry> {
  return element("restore", (next) => {
    const timers = new KeyedTimers(signal)

    const lookLater = (name: string, events: RegistrationEvents, from: Call): void => {
      const { clock, log } = from
      timers.arm(name, clock, periodMs, (isCurrent) => {
        look(name, events, from)
          .catch((error: unknown) => {
            if (isCurrent())
              log.debug("network service could not be restored", { service: name, error })
          })
          .finally(() => {
            // Unless it was taken out, or registered again, in the meantime.
            if (isCurrent()) lookLater(name, events, from)
          })
      })
    }
    const look = async (name: string, events: RegistrationEvents, from: Call): Promise<void> => {
      const { clock, log } = from
      const limits = { clock, log, signal, timeoutMs: periodMs }
      if (await withCall(limits, (call) => isThere(name, call))) return
      log.warn("network service was lost and is registered again", { service: name })
      await events.register()
    }
    const isThere = async (name: string, call: Call): Promise<boolean> => {
      const query = create(NetworkServiceQuerySchema, { networkService: { name } })
      for await (const { networkService } of next.find(query, call)) {
        if (networkService?.name === name) return true
      }
      return false
    }

    return {
      async register(service, call) {
        const granted = await next.register(service, call)
        const events = call.get(registrationEvents)
        if (events) lookLater(service.name, events, call)
        return granted
      },
      async unregister(service, call) {
        timers.cancel(service.name)
        await next.unregister(service, call)
      },
    }
  })
}
