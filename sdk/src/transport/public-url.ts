import { networkInterfaces } from "node:os"
import { NsmError } from "../core/errors.ts"
import { formatAddress, parseAddress } from "./address.ts"

/** One address of a network interface, as `os.networkInterfaces()` lists it. */
export interface InterfaceAddress {
  readonly address: string
  readonly family: string
  readonly internal: boolean
}

/**
 * How others reach what listens at a URL: a listener on all addresses is reached at the first IPv4
 * address that is not loopback, or else the first global IPv6 address. Other URLs stay as they are.
 */
export function publicUrl(
  url: string,
  addresses: readonly InterfaceAddress[] = Object.values(networkInterfaces()).flatMap(
    (list) => list ?? [],
  ),
): string {
  const address = parseAddress(url)
  if (address.kind === "unix" || !["", "0.0.0.0", "::"].includes(address.host)) return url
  const outer = addresses.filter(({ internal }) => !internal)
  const chosen =
    outer.find(({ family }) => family === "IPv4") ??
    outer.find((each) => each.family === "IPv6" && isGlobal(each.address))
  if (!chosen) {
    throw new NsmError(
      "INVALID_CONFIGURATION",
      `${url} listens on all addresses, but none of them can be reached by others: name one in it`,
    )
  }
  return formatAddress({ ...address, host: chosen.address })
}

/** Global unicast is 2000::/3, unique local fc00::/7 (RFC 4291, RFC 4193). */
function isGlobal(ipv6: string): boolean {
  return /^[23f][0-9a-f]{3}:/i.test(ipv6) && !/^fe[89ab]|^ff/i.test(ipv6)
}
