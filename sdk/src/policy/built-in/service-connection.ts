import { allowed, type Policy } from "../policy.ts"
import { brief } from "./segment.ts"

/** Who watches has one of the connections that it selects. */
export const serviceConnection: Policy = {
  name: "monitor/service_connection",
  evaluate({ input }) {
    const { spiffe_id_connection_map = {}, selector_connection_ids = [], service_spiffe_id } = input
    const who = service_spiffe_id ?? ""
    const own = Object.hasOwn(spiffe_id_connection_map, who) ? spiffe_id_connection_map[who] : []
    if (own?.some((id) => selector_connection_ids.includes(id))) return allowed
    return {
      isAllowed: false,
      rule: "who watches has one of the connections that it selects",
      why: `${brief(who)} has none of them here`,
      remedy: "select by the id of your own path segment, and request the connection first",
    }
  },
}
