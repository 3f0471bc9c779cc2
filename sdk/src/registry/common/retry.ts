import { type Call, callScope } from "../../core/call.ts"
import { type Element, element } from "../../core/chain.ts"
import { sleep } from "../../core/clock.ts"
import { NsmError } from "../../core/errors.ts"
import type { Deletable, Named, Watchable } from "../kind.ts"
import type { Registry } from "../service.ts"

/** How often is tried. */
export interface RetryOptions {
  /** How long one try may take. @default 15000 */
  tryTimeoutMs?: number
  /** How long to wait between tries. @default 200 */
  pauseMs?: number
}

/**
 * Tries a call until it succeeds or its caller gives up; what is wrong with the call itself is not
 * tried again. A watch that breaks is opened again, and then starts with all that matches.
 *
 * Placement: in clients of a registry, after `begin`.
 */
export function retry<Entry extends Named, Query extends Watchable, Response extends Deletable>({
  tryTimeoutMs = 15_000,
  pauseMs = 200,
}: RetryOptions = {}): Element<Registry<Entry, Query, Response>> {
  const pause = async (call: Call, failure: unknown, last?: NsmError): Promise<NsmError> => {
    const error = NsmError.from(failure)
    if (call.signal.aborted || call.remainingMs === 0 || isFinal(error)) throw error
    // Whoever waits for it wants to know why; once.
    const level = error.reason === last?.reason ? "debug" : "warn"
    call.log[level]("a call to the registry failed and is tried again", { error })
    await sleep(call.clock, pauseMs, call.signal).catch((reason: unknown) => {
      throw gaveUp(reason, error)
    })
    return error
  }
  const untilDone = async <T>(call: Call, attempt: (call: Call) => Promise<T>): Promise<T> => {
    for (let last: NsmError | undefined; ;) {
      const { clock, signal } = call
      const deadline = Math.min(call.deadline ?? Infinity, clock.now() + tryTimeoutMs)
      using scope = callScope({ clock, deadline, signal })
      try {
        return await attempt(call.renewed({ signal: scope.signal, deadline }))
      } catch (failure) {
        last = await pause(call, failure, last)
      }
    }
  }
  return element("retry", (next) => ({
    register: (entry, call) => untilDone(call, (tried) => next.register(entry, tried)),
    unregister: (entry, call) => untilDone(call, (tried) => next.unregister(entry, tried)),
    async *find(query, call) {
      for (let last: NsmError | undefined; ;) {
        let any = false
        try {
          for await (const response of next.find(query, call)) {
            any = true
            last = undefined
            yield response
          }
          if (!query.watch) return
          await sleep(call.clock, pauseMs, call.signal)
        } catch (failure) {
          // What was handed on of a list that ends cannot be taken back.
          if (any && !query.watch) throw failure
          last = await pause(call, failure, last)
        }
      }
    },
  }))
}

function isFinal({ code }: NsmError): boolean {
  return code === "INVALID_ARGUMENT" || code === "UNIMPLEMENTED"
}

/** Says why the last try failed, which a passed deadline alone would hide. */
function gaveUp(reason: unknown, last: NsmError): NsmError {
  const error = NsmError.from(reason, "CANCELLED")
  return new NsmError(error.reason, `${error.text}; the last try failed`, { cause: last })
}
