import { MechanismClass } from "@nsm/api"
import { element, type Element } from "../../core/chain.ts"
import { NsmError } from "../../core/errors.ts"
import { nextUrl } from "../common/next-url.ts"
import { connectionOf } from "../connection.ts"
import type { NetworkService } from "../service.ts"

/**
 * Offers a next hop on this node only local mechanisms, and one on another node only remote ones.
 *
 * Placement: after everything that adds preferences and after the next hop's URL is known.
 */
export function filterMechanisms(): Element<NetworkService> {
  return element("filter-mechanisms", (next) => ({
    async request(request, call) {
      const url = call.get(nextUrl) ?? ""
      const wanted = isOnThisNode(url) ? MechanismClass.LOCAL : MechanismClass.REMOTE
      const mechanismPreferences = request.mechanismPreferences.filter(({ cls }) => cls === wanted)
      const isLost = request.mechanismPreferences.length > 0 && mechanismPreferences.length === 0
      if (isLost && !connectionOf(request).mechanism) {
        const offered = request.mechanismPreferences.map(({ cls, type }) => `${cls} ${type}`)
        const payload = connectionOf(request).payload || "unknown"
        throw new NsmError(
          "MECHANISM_UNSUPPORTED",
          `${url} needs a ${wanted} mechanism for payload ${payload}; this hop has only ${offered.join(", ")}`,
        )
      }
      return next.request({ ...request, mechanismPreferences }, call)
    },
  }))
}

/** Unix sockets, by path or handed over as a descriptor, never leave the node. */
function isOnThisNode(url: string): boolean {
  return url.startsWith("unix:") || url.startsWith("inode:")
}
