import { Label } from "@nsm/api"
import {
  callScope,
  connectionOf,
  grant,
  type NetworkService,
  NsmError,
  unlessEnded,
} from "@nsm/sdk"
import type { Wanted } from "./wanted.ts"

/** Who has endpoints started; `Supplies` does. */
export interface Supplier {
  /** Resolves with the name of an endpoint that is registered. */
  supply(wanted: Wanted): Promise<string>
}

/** What is supplied, and by whom. */
export interface SupplyingOptions {
  readonly supplies: Supplier
  /** Names of the network services; whoever names this endpoint can ask it for any other. */
  readonly services: readonly string[]
}

/** Time that the answer gets, so that it reaches a caller who would wait no longer. */
const answerMs = 500

/**
 * What stands behind the last element of a supplier: it grants nothing. Each request has an endpoint
 * started, and is told to ask again once that is registered, or when the caller's time is over.
 */
export function supplying({ supplies, services }: SupplyingOptions): NetworkService {
  return {
    ...grant,
    async request(request, call) {
      const { networkService: service, labels } = connectionOf(request)
      if (!services.includes(service)) {
        const text = `endpoints of network service ${service} are not started here, only those of ${services.join(", ")}`
        throw new NsmError("ENDPOINT_NOT_FOUND", text)
      }
      const { clock, signal, remainingMs = Infinity } = call
      const patienceMs = Math.max(remainingMs - answerMs, remainingMs / 2)
      const deadline = patienceMs === Infinity ? undefined : clock.now() + patienceMs
      using scope = callScope({ clock, signal, deadline })
      const supplied = supplies.supply({ service, node: labels[Label.nodeName] ?? "" })
      const started = await unlessEnded(scope.signal, supplied).catch((failure: unknown) => {
        if (signal.aborted || !scope.signal.aborted) throw failure
        return undefined
      })
      throw new NsmError(
        "ENDPOINT_STARTING",
        started === undefined
          ? `an endpoint of network service ${service} is being started`
          : `endpoint ${started} was started for network service ${service}; if match rules do not lead to it, correct its labels`,
      )
    },
  }
}
