import type { Route as ListedRoute } from "@nsm/api"
import { formatPrefix, NsmError } from "@nsm/sdk"
import type { Route } from "../links/route.ts"
import { type Address, isCovered, parseAddress } from "./address.ts"

/** What the routes of one end follow from. */
export interface RouteSources {
  /** Addresses of this end. */
  readonly own: readonly Address[]
  /** Addresses of the other end. */
  readonly other: readonly Address[]
  /** Routes that the context lists for this end. */
  readonly listed: readonly ListedRoute[]
  /** Name of the list, for errors. */
  readonly field: string
}

/**
 * The routes of one end: one straight onto the link to each address of the other end that no
 * network of its own covers, then the listed ones. Of two to one network the later stays.
 */
export function routesOf({ own, other, listed, field }: RouteSources): readonly Route[] {
  const onLink = other
    .filter((address) => !isCovered(address, own))
    .map(({ network }) => ({ prefix: formatPrefix(network) }))
  const routes = [...onLink, ...listed.map((route) => listedRoute(route, other, field))]
  return [...new Map(routes.map((route) => [route.prefix, route])).values()]
}

function listedRoute(
  { prefix, nextHop }: ListedRoute,
  other: readonly Address[],
  field: string,
): Route {
  const to = parseAddress(prefix, field)
  const gateway = nextHop ? given(nextHop, to, field) : implied(to, other)
  return { prefix: formatPrefix(to.network), ...(gateway !== undefined && { gateway }) }
}

function given(nextHop: string, to: Address, field: string): string {
  const { family, ip } = parseAddress(nextHop, field)
  if (family === to.family) return ip
  throw new NsmError(
    "INVALID_REQUEST",
    `${field} leads ${formatPrefix(to.network)} through ${ip}: both must be of one IP family`,
  )
}

/** The other end, unless it has the destination itself: then nothing is in between. */
function implied(to: Address, other: readonly Address[]): string | undefined {
  if (isCovered(to, other)) return undefined
  return other.find(({ family }) => family === to.family)?.ip
}
