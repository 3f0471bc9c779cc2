import type { Call } from "../../core/call.ts"
import { type Element, element } from "../../core/chain.ts"
import { NsmError } from "../../core/errors.ts"
import type { Deletable, Kind, Named, Watchable } from "../kind.ts"
import type { Registry } from "../service.ts"
import { isRenewal } from "./registration-events.ts"

/**
 * Is content with what somebody else has registered under the name, if it has all that is wanted:
 * policies let only the first owner of an entry change it, and several endpoints may want to make sure
 * that the service is there which they provide. A renewal leaves what is there as it is, whoever
 * changed it.
 *
 * Placement: in clients of a registry of network services, behind `keep`.
 */
export function acceptRegistered<
  Entry extends Named,
  Query extends Watchable,
  Response extends Deletable,
>(kind: Kind<Entry, Query, Response>): Element<Registry<Entry, Query, Response>> {
  return element("accept-registered", (next) => {
    const found = async (wanted: Entry, call: Call): Promise<Entry | undefined> => {
      for await (const response of next.find(kind.query(wanted, false), call)) {
        const entry = kind.entry(response)
        if (entry?.name === wanted.name) return entry
      }
      return undefined
    }
    return {
      async register(wanted, call) {
        if (call.get(isRenewal)) {
          const there = await found(kind.named(wanted.name), call)
          if (there) return there
        }
        try {
          return await next.register(wanted, call)
        } catch (thrown) {
          const failure = NsmError.from(thrown)
          if (failure.code !== "PERMISSION_DENIED") throw failure
          const known = await found(wanted, call)
          if (!known) throw failure
          call.log.debug(`the ${kind.noun} is registered by somebody else, which is as good`, {
            name: wanted.name,
          })
          return known
        }
      },
    }
  })
}
