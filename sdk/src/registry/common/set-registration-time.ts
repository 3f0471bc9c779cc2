import { type Timestamp, timestampFromMs, timestampMs } from "@bufbuild/protobuf/wkt"
import { type Element, element } from "../../core/chain.ts"
import type { NetworkServiceEndpointRegistry } from "../service.ts"

/**
 * Notes when an endpoint registered first, and keeps that for as long as it renews itself. After a
 * restart it takes the endpoint's word for it, unless that is in the future.
 *
 * Placement: after `begin`, before what keeps the entries.
 */
export function setRegistrationTime(): Element<NetworkServiceEndpointRegistry> {
  return element("set-registration-time", (next) => {
    const firsts = new Map<string, Timestamp>()
    return {
      async register(endpoint, call) {
        const now = call.clock.now()
        const told = endpoint.initialRegistrationTime
        const past = told && timestampMs(told) <= now ? told : undefined
        const initialRegistrationTime = firsts.get(endpoint.name) ?? past ?? timestampFromMs(now)
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
