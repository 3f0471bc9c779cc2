import { Payload } from "@nsm/api"
import { type Element, element } from "../../core/chain.ts"
import type { NetworkServiceRegistry } from "../service.ts"

/**
 * Gives a network service that does not say what it carries the payload `IP`.
 *
 * Placement: before what keeps the entries.
 */
export function setPayload(): Element<NetworkServiceRegistry> {
  return element("set-payload", (next) => ({
    async register(service, call) {
      return await next.register({ ...service, payload: service.payload || Payload.IP }, call)
    },
  }))
}
