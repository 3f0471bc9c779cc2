import { type Timestamp, timestampFromMs } from "@bufbuild/protobuf/wkt"
import { type Element, element } from "../../core/chain.ts"
import type { NetworkServiceEndpointRegistry } from "../service.ts"

/**
 * Notes when an endpoint registered first, and keeps that for as long as it renews itself.
 *
 * Placement: after `begin`, before what keeps the entries.
 */
export function setRegistrationTime(): Element<NetworkServiceEndpointRegistry> {
  return element("set-registration-time", (next) => {
    const firsts = new Map<string, Timestamp>()
    return {
      async register(endpoint, call) {
        const known = firsts.get(endpoint.name)
        const initialRegistrationTime = known ?? timestampFromMs(call.clock.now())
        const granted = await next.register({ ...endpoint, initialRegistrationTime }, call)
        firsts.set(endpoint.name, initialRegistrationTime)
        return granted
      },
      async unregister(endpoint, call) {
        firsts.delete(endpoint.name)
        await next.unregister(endpoint, call)
      },
    }
  })
}
