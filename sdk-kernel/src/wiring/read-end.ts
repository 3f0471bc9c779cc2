import { formatPrefix, parsePrefix } from "@nsm/sdk"
import { Addresses } from "../links/addresses.ts"
import type { Link } from "../links/link.ts"
import { Neighbours } from "../links/neighbours.ts"
import { mainTable, type Route } from "../links/route.ts"
import { Routes } from "../links/routes.ts"
import type { NetworkNamespace } from "../namespace/network-namespace.ts"
import type { WireEnd } from "./wire.ts"

/**
 * Reads from the kernel what an end of a wire has now: what forwarders put there, and not what the
 * kernel adds by itself or others did, such as routing daemons.
 */
export function readEnd(namespace: NetworkNamespace, link: Link, wanted: WireEnd): WireEnd {
  const addresses = new Addresses(namespace).list(link).map(({ address }) => canonical(address))
  const routes = new Routes(namespace)
    .list(link)
    .filter(({ table, isStatic }) => table === mainTable && isStatic)
  const neighbours = new Neighbours(namespace).list(link)
  return {
    ...wanted,
    mtu: link.mtu,
    addresses: addresses.filter(
      (address) => !isLinkLocal(address) || wanted.addresses?.includes(address),
    ),
    routes: routes.map(({ prefix, gateway }): Route => ({
      prefix: canonicalPrefix(prefix),
      ...(gateway !== undefined && { gateway: withoutLength(canonicalPrefix(gateway)) }),
    })),
    neighbours: neighbours.flatMap(({ ip, mac, isPermanent }) =>
      isPermanent && mac !== undefined ? [{ ip: withoutLength(canonicalPrefix(ip)), mac }] : [],
    ),
  }
}

/** Every interface with IPv6 has one, of the kernel's making. */
function isLinkLocal(address: string): boolean {
  return address.startsWith("fe80:")
}

/** Address and length, written as the plan writes them. */
function canonical(address: string): string {
  return `${withoutLength(canonicalPrefix(withoutLength(address)))}/${address.split("/")[1] ?? ""}`
}

function canonicalPrefix(text: string): string {
  const prefix = parsePrefix(text)
  return prefix ? formatPrefix(prefix) : text
}

function withoutLength(text: string): string {
  return text.split("/")[0] ?? text
}
