import { containsPrefix, formatPrefix, NsmError, parsePrefix, type Prefix } from "@nsm/sdk"

/** An IP address with the length of its network, as a context lists them. */
export interface Address {
  readonly family: 4 | 6
  /** The address alone, in its canonical form. */
  readonly ip: string
  readonly host: Prefix
  readonly network: Prefix
}

/** Reads `addr/len`, or `addr` for a single host. The field is for the error. */
export function parseAddress(text: string, field: string): Address {
  const network = parsePrefix(text)
  const isHost = network?.length === (network?.family === 4 ? 32 : 128)
  const host = isHost ? network : parsePrefix(text.split("/")[0] ?? "")
  if (network && host) {
    const [ip = ""] = formatPrefix(host).split("/")
    return { family: host.family, ip, host, network }
  }
  throw new NsmError(
    "INVALID_REQUEST",
    `${field} holds "${text}", which is no IP address; write 192.0.2.1/32 or 2001:db8::1/128`,
  )
}

/** Whether an address lies in the network of one of these. */
export function isCovered(address: Address, by: readonly Address[]): boolean {
  return by.some(({ network }) => containsPrefix(network, address.host))
}
