import { NsmError } from "@nsm/sdk"
import { AF_INET, AF_INET6, libc } from "./libc.ts"

/** An IP address as the kernel has it. */
export interface IpAddress {
  readonly family: typeof AF_INET | typeof AF_INET6
  readonly bytes: Uint8Array
}

/** An IP address with the length of its network's prefix. */
export interface IpPrefix extends IpAddress {
  readonly length: number
}

/** Reads `192.0.2.1` and `2001:db8::1`. */
export function parseIp(text: string): IpAddress {
  const family = text.includes(":") ? AF_INET6 : AF_INET
  const bytes = new Uint8Array(family === AF_INET ? 4 : 16)
  if (!text.includes("\0") && libc.inet_pton(family, text, bytes) === 1) return { family, bytes }
  throw new NsmError("INVALID_REQUEST", `IP address "${text}": expected 192.0.2.1 or 2001:db8::1`)
}

/** Reads `192.0.2.1/24`; an address alone is a prefix of its full length. */
export function parsePrefix(text: string): IpPrefix {
  const [address = "", length, ...rest] = text.split("/")
  const ip = parseIp(address)
  const bits = ip.bytes.length * 8
  if (length === undefined) return { ...ip, length: bits }
  if (/^\d{1,3}$/.test(length) && Number(length) <= bits && rest.length === 0) {
    return { ...ip, length: Number(length) }
  }
  throw new NsmError(
    "INVALID_REQUEST",
    `IP prefix "${text}": expected a length from 0 to ${bits} after the slash`,
  )
}

/** The usual text of an address of 4 or 16 bytes (RFC 5952). */
export function ipText(bytes: Uint8Array): string {
  if (bytes.length !== 4 && bytes.length !== 16) {
    throw new NsmError("MALFORMED_MESSAGE", `decode an IP address: ${bytes.length} bytes`)
  }
  const text = new Uint8Array(46)
  libc.inet_ntop(bytes.length === 4 ? AF_INET : AF_INET6, bytes, text, text.length)
  return new TextDecoder().decode(text.subarray(0, text.indexOf(0)))
}
