import type { Call, CallInit } from "../../core/call.ts"
import { type Element, element } from "../../core/chain.ts"
import { sleep } from "../../core/clock.ts"
import { NsmError } from "../../core/errors.ts"
import { type Random, systemRandom } from "../../core/random.ts"
import { BackOff } from "../../tools/back-off.ts"
import type { Deletable, Kind, Named, Watchable } from "../kind.ts"
import type { Registry } from "../service.ts"
import { type RegistrationEvents, registrationEvents } from "./registration-events.ts"
import { whenLost } from "./when-lost.ts"

/** How registrations are kept. */
export interface KeepOptions {
  /** Spreads those who lost the same registry. @default systemRandom */
  random?: Random
  /** Ends all watching. @default never */
  signal?: AbortSignal
}

/** Within which all who lose something at one time begin to come back. */
const spreadMs = 200
/** A watch that lasted for less is nothing to go by. */
const briefMs = 1000
/** About how often those come back whom the registry tells nothing. */
const longestMs = 20_000

/**
 * Watches what was registered, and registers it again as soon as it is lost: the way to the registry
 * broke, or the registry took it out, or it forgot it in a restart.
 *
 * Placement: in clients of a registry, after `begin`, whose events it uses, and behind `retry`, which
 * paces them.
 */
export function keep<Entry extends Named, Query extends Watchable, Response extends Deletable>(
  kind: Kind<Entry, Query, Response>,
  { random = systemRandom, signal }: KeepOptions = {},
): Element<Registry<Entry, Query, Response>> {
  return element("keep", (next) => {
    const watched = new Map<string, AbortController>()

    const watch = (name: string, events: RegistrationEvents, { clock, log }: Call): void => {
      if (watched.has(name) || signal?.aborted) return
      const ending = new AbortController()
      watched.set(name, ending)
      const ends = signal ? AbortSignal.any([ending.signal, signal]) : ending.signal
      follow(name, events, { clock, log, signal: ends }).catch((error: unknown) =>
        log.error(`a ${kind.noun} is watched no more`, { entry: name, error }),
      )
    }
    /** Until the entry is taken out, or the process ends. */
    const follow = async (name: string, events: RegistrationEvents, ends: Ends): Promise<void> => {
      const { clock, log, signal: over } = ends
      const pauses = new BackOff({ random, firstMs: 100, longestMs, factor: 2 })
      for (;;) {
        const { why, toldForMs } = await whenLost(kind, next, name, ends)
        if (over.aborted) return
        const isNews = toldForMs >= briefMs
        if (isNews) pauses.reset()
        try {
          await sleep(clock, isNews ? random.integer(spreadMs) : pauses.next(), over)
          await events.register()
          // A registry that tells nothing of it would make this said again and again.
          const level = toldForMs > 0 ? "info" : "debug"
          log[level](`a ${kind.noun} was lost and is registered again`, { entry: name, why })
        } catch (failure) {
          if (over.aborted) return
          const error = NsmError.from(failure)
          // Overtaken by a call for the same entry.
          if (error.reason === "CANCELLED") continue
          log.warn(`a ${kind.noun} was lost and cannot be registered again`, {
            entry: name,
            why,
            error,
          })
        }
      }
    }

    return {
      async register(entry, call) {
        const granted = await next.register(entry, call)
        const events = call.get(registrationEvents)
        if (events) watch(entry.name, events, call)
        return granted
      },
      async unregister(entry, call) {
        watched.get(entry.name)?.abort(new NsmError("CANCELLED", `${entry.name} is taken out`))
        watched.delete(entry.name)
        await next.unregister(entry, call)
      },
    }
  })
}

type Ends = Pick<CallInit, "clock" | "log" | "signal">
