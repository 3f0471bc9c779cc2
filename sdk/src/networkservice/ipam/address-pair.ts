import { create } from "@bufbuild/protobuf"
import { type Connection, type IPContext, type Route, RouteSchema } from "@nsm/api"
import { formatPrefix, type Prefix, parsePrefix, prefixesOverlap } from "../../tools/prefix.ts"
import type { PrefixPool } from "../../tools/prefix-pool.ts"
import { ipContextOf, withIpContext } from "../connection.ts"

/** The addresses of the two ends of a wire, as host prefixes. */
export interface AddressPair {
  /** The endpoint's. */
  readonly dst: Prefix
  /** The client's. */
  readonly src: Prefix
}

/** Takes the two lowest free addresses, the endpoint's first; undefined if there are no two. */
export function takeLowestPair(
  pool: PrefixPool,
  excluded: readonly Prefix[],
): AddressPair | undefined {
  const dst = pool.takeLowest(excluded)
  if (!dst) return undefined
  const src = pool.takeLowest(excluded)
  if (src) return { dst, src }
  pool.give(dst)
  return undefined
}

/** Takes just this pair; answers whether both addresses were here and free. */
export function takePair(pool: PrefixPool, { dst, src }: AddressPair): boolean {
  if (!pool.take(dst)) return false
  if (pool.take(src)) return true
  pool.give(dst)
  return false
}

/** Takes the first address of each end that the connection brings and that is free here. */
export function takeBroughtPair(
  pool: PrefixPool,
  excluded: readonly Prefix[],
  { srcIpAddrs, dstIpAddrs }: IPContext,
): AddressPair | undefined {
  const takeFirst = (addresses: readonly string[]): Prefix | undefined =>
    hostsIn(addresses).find((host) => !overlapsAny(excluded, host) && pool.take(host))
  const src = takeFirst(srcIpAddrs)
  const dst = takeFirst(dstIpAddrs)
  if (src && dst) return { dst, src }
  for (const half of [src, dst]) if (half) pool.give(half)
  return undefined
}

/** Whether one of the two lies in a prefix of the list. */
export function isPairExcluded({ dst, src }: AddressPair, excluded: readonly Prefix[]): boolean {
  return overlapsAny(excluded, dst) || overlapsAny(excluded, src)
}

/** The connection with the pair's addresses and each end's route to the other, once each. */
export function withPair(connection: Connection, { dst, src }: AddressPair): Connection {
  const ip = ipContextOf(connection)
  const [srcText, dstText] = [formatPrefix(src), formatPrefix(dst)]
  return withIpContext(connection, {
    srcIpAddrs: withText(ip.srcIpAddrs, srcText),
    dstIpAddrs: withText(ip.dstIpAddrs, dstText),
    srcRoutes: withRoute(ip.srcRoutes, dstText),
    dstRoutes: withRoute(ip.dstRoutes, srcText),
  })
}

/** Tells of an address at one end, and its text, whether it has to go. */
export type Refusal = (host: Prefix, text: string, end: keyof AddressPair) => boolean

/** The connection without the addresses that are refused, and without the host routes to them. */
export function withoutAddresses(connection: Connection, isRefused: Refusal): Connection {
  const ip = ipContextOf(connection)
  const gone = new Set<string>()
  const leftOf = (end: keyof AddressPair, texts: readonly string[]): string[] =>
    texts.filter((text) => {
      const refused = hostsIn([text]).filter((host) => isRefused(host, text, end))
      for (const host of refused) gone.add(formatPrefix(host))
      return refused.length === 0
    })
  const isRouteLeft = ({ prefix }: Route): boolean => {
    const to = parsePrefix(prefix)
    return !to || !gone.has(formatPrefix(to))
  }
  const srcIpAddrs = leftOf("src", ip.srcIpAddrs)
  const dstIpAddrs = leftOf("dst", ip.dstIpAddrs)
  return withIpContext(connection, {
    srcIpAddrs,
    dstIpAddrs,
    srcRoutes: ip.srcRoutes.filter(isRouteLeft),
    dstRoutes: ip.dstRoutes.filter(isRouteLeft),
  })
}

function overlapsAny(prefixes: readonly Prefix[], host: Prefix): boolean {
  return prefixes.some((prefix) => prefixesOverlap(prefix, host))
}

/** Addresses without their masks; what is no address is left out. */
function hostsIn(addresses: readonly string[]): Prefix[] {
  return addresses.flatMap((address) => parsePrefix(address.split("/")[0] ?? "") ?? [])
}

function withText(texts: readonly string[], added: string): string[] {
  return texts.includes(added) ? [...texts] : [...texts, added]
}

function withRoute(routes: readonly Route[], prefix: string): Route[] {
  const isThere = routes.some((route) => route.prefix === prefix)
  return isThere ? [...routes] : [...routes, create(RouteSchema, { prefix })]
}
