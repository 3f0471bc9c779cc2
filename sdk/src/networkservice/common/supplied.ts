import { sleep } from "../../core/clock.ts"
import { element, type Element } from "../../core/chain.ts"
import { causes, NsmError } from "../../core/errors.ts"
import type { Random } from "../../core/random.ts"
import { BackOff } from "../../tools/back-off.ts"
import { connectionOf } from "../connection.ts"
import type { NetworkService } from "../service.ts"

/** How often is looked again. */
export interface SuppliedOptions {
  readonly random: Random
  /** @default 4 */
  readonly mostTimes?: number
}

/**
 * Looks again for who may serve a request after a supplier has started somebody for it, instead of
 * leaving that to the client. What was started is known to the supplier a little earlier than here.
 *
 * Placement: in a forwarder, right before `discover`. A request that names its endpoint is led by the
 * forwarder that chose it, and passes.
 */
export function supplied({ random, mostTimes = 4 }: SuppliedOptions): Element<NetworkService> {
  return element("supplied", (next) => ({
    async request(request, call) {
      const pauses = new BackOff({ random, firstMs: 50, longestMs: 400 })
      const isNamed = connectionOf(request).networkServiceEndpointName !== ""
      for (let times = isNamed ? mostTimes : 0; ; times++) {
        try {
          return await next.request(request, call)
        } catch (failure) {
          if (times === mostTimes || call.signal.aborted || !isStarting(failure)) throw failure
        }
        await sleep(call.clock, pauses.next(), call.signal)
      }
    },
  }))
}

/** Whether a supplier says, among all who were tried, that somebody is about to serve the request. */
function isStarting(failure: unknown): boolean {
  if (failure instanceof NsmError && failure.reason === "ENDPOINT_STARTING") return true
  return causes(failure).some(isStarting)
}
