import { type Call, callScope } from "../../core/call.ts"
import { type Element, element } from "../../core/chain.ts"
import { sleep } from "../../core/clock.ts"
import { NsmError } from "../../core/errors.ts"
import { type Random, systemRandom } from "../../core/random.ts"
import { BackOff } from "../../tools/back-off.ts"
import type { Deletable, Named, Watchable } from "../kind.ts"
import type { Registry } from "../service.ts"

/** How often is tried. */
export interface RetryOptions {
  /** How long one try may take. @default 15000 */
  tryTimeoutMs?: number
  /** Spreads the tries of many. @default systemRandom */
  random?: Random
}

/** Half as much again at most, so that everybody is back within five seconds. */
const longestMs = 3300
/** A peer that is not there is not kept from its work by tries: within half a second. */
const longestToPeerMs = 330

/**
 * Tries a call until it succeeds or its caller gives up, with pauses that grow; what is wrong with the
 * call itself is not tried again. A watch that breaks is opened again, and then starts with all that
 * matches.
 *
 * Placement: in clients of a registry, after `begin`.
 */
export function retry<Entry extends Named, Query extends Watchable, Response extends Deletable>({
  tryTimeoutMs = 15_000,
  random = systemRandom,
}: RetryOptions = {}): Element<Registry<Entry, Query, Response>> {
  const pause = async (call: Call, failure: unknown, tries: Tries): Promise<void> => {
    const error = NsmError.from(failure)
    if (call.signal.aborted || call.remainingMs === 0 || isFinal(error)) throw error
    // Whoever waits for it wants to know why; once.
    const level = error.reason === tries.last?.reason ? "debug" : "warn"
    call.log[level]("a call to the registry failed and is tried again", { error })
    tries.last = error
    await sleep(call.clock, tries.pauseMs(error), call.signal).catch((reason: unknown) => {
      throw gaveUp(reason, error)
    })
  }
  const untilDone = async <T>(call: Call, attempt: (call: Call) => Promise<T>): Promise<T> => {
    for (const tries = new Tries(random); ;) {
      const { clock, signal } = call
      const deadline = Math.min(call.deadline ?? Infinity, clock.now() + tryTimeoutMs)
      using scope = callScope({ clock, deadline, signal })
      try {
        return await attempt(call.renewed({ signal: scope.signal, deadline }))
      } catch (failure) {
        await pause(call, failure, tries)
      }
    }
  }
  return element("retry", (next) => ({
    register: (entry, call) => untilDone(call, (tried) => next.register(entry, tried)),
    unregister: (entry, call) => untilDone(call, (tried) => next.unregister(entry, tried)),
    async *find(query, call) {
      for (let tries = new Tries(random); ;) {
        let any = false
        try {
          for await (const response of next.find(query, call)) {
            any = true
            tries = new Tries(random)
            yield response
          }
          if (!query.watch) return
          await sleep(call.clock, tries.pauseMs(), call.signal)
        } catch (failure) {
          // What was handed on of a list that ends cannot be taken back.
          if (any && !query.watch) throw failure
          await pause(call, failure, tries)
        }
      }
    },
  }))
}

/** The tries of one call so far. */
class Tries {
  /** What the last one failed with. */
  last: NsmError | undefined
  readonly #toPeer: BackOff
  readonly #beyond: BackOff

  constructor(random: Random) {
    this.#toPeer = new BackOff({ random, firstMs: 100, longestMs: longestToPeerMs })
    this.#beyond = new BackOff({ random, firstMs: 100, longestMs })
  }

  /** How long to wait until the next one. */
  pauseMs(error?: NsmError): number {
    const isPeerGone = error?.reason === "PEER_UNREACHABLE" && error.hop === undefined
    return (isPeerGone ? this.#toPeer : this.#beyond).next()
  }
}

function isFinal({ code }: NsmError): boolean {
  return code === "INVALID_ARGUMENT" || code === "UNIMPLEMENTED"
}

/** Says why the last try failed, which a passed deadline alone would hide. */
function gaveUp(reason: unknown, last: NsmError): NsmError {
  const error = NsmError.from(reason, "CANCELLED")
  return new NsmError(error.reason, `${error.text}; the last try failed`, { cause: last })
}
