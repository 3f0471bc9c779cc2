import { element, type Element } from "../../core/chain.ts"
import { connectionOf, withConnection } from "../connection.ts"
import { firstGranted } from "../first-granted.ts"
import type { NetworkService } from "../service.ts"
import { candidates } from "./candidates.ts"
import { nextUrl } from "./next-url.ts"
import { namingPeer } from "./unreachable.ts"

/**
 * Chooses among the endpoints found, each request of a network service beginning one further than
 * the last; goes on to the others when one fails.
 *
 * Placement: after `discover`; it repeats what follows once per endpoint.
 */
export function roundRobin(): Element<NetworkService> {
  const turns = new Map<string, number>()
  return element("round-robin", (next) => ({
    async request(request, call) {
      const found = call.get(candidates)
      if (call.get(nextUrl) !== undefined || found.length === 0) return next.request(request, call)
      const { networkService } = connectionOf(request)
      const turn = turns.get(networkService) ?? 0
      turns.set(networkService, turn + 1)
      const first = turn % found.length
      const inTurn = [...found.slice(first), ...found.slice(0, first)]
      // Two routes may lead to one endpoint: that makes it likelier, but not tried twice.
      const names = new Set<string>()
      const distinct = inTurn.filter(({ name }) => names.size < names.add(name).size)
      return firstGranted(
        distinct,
        call,
        ({ name, url }) =>
          namingPeer(`endpoint ${name}`, url, () =>
            next.request(
              withConnection(request, { networkServiceEndpointName: name }),
              call.with(nextUrl, url),
            ),
          ),
        {
          reason: "ALL_CANDIDATES_FAILED",
          what: `endpoints of network service ${networkService}`,
          names: [...names],
        },
      )
    },
  }))
}
