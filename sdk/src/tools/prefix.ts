import ip from "ipaddr.js"
import { isIPv4, isIPv6 } from "node:net"

/** A block of addresses, `address/length`; a single address is a block of full length. */
export interface Prefix {
  readonly family: 4 | 6
  /** Its first address as a number. */
  readonly first: bigint
  /** How many leading bits all its addresses share. */
  readonly length: number
}

/** How many bits an address of the family has. */
export function widthOf(family: 4 | 6): number {
  return family === 4 ? 32 : 128
}

/** Reads `address/length` or `address`, clearing host bits; undefined if it is neither. */
export function parsePrefix(text: string): Prefix | undefined {
  const [address = "", suffix, ...more] = text.trim().split("/")
  const family = isIPv4(address) ? 4 : isIPv6(address) && !address.includes("%") ? 6 : undefined
  if (!family || more.length > 0) return undefined
  const width = widthOf(family)
  const length =
    suffix === undefined ? width : /^\d{1,3}$/.test(suffix) ? Number(suffix) : width + 1
  if (length > width) return undefined
  const value = numberOf(family, address)
  const hostBits = BigInt(width - length)
  return { family, first: (value >> hostBits) << hostBits, length }
}

/** An address in its canonical text form (RFC 5952). */
export function formatAddress(family: 4 | 6, value: bigint): string {
  if (family === 4) {
    const word = Number(value)
    return `${word >>> 24}.${(word >>> 16) & 255}.${(word >>> 8) & 255}.${word & 255}`
  }
  const hex = value.toString(16).padStart(32, "0")
  return new ip.IPv6(
    groups.map((at) => Number.parseInt(hex.slice(at, at + 4), 16)),
  ).toRFC5952String()
}

/** Where the parts of an IPv6 address begin, in its 32 hexadecimal digits. */
const groups: readonly number[] = [0, 4, 8, 12, 16, 20, 24, 28]

/** The number of an address that is known to be one of that family. */
function numberOf(family: 4 | 6, address: string): bigint {
  if (family === 4) {
    return BigInt(ip.IPv4.parse(address).octets.reduce((word, octet) => word * 256 + octet, 0))
  }
  const hex = ip.IPv6.parse(address).parts.map((part) => part.toString(16).padStart(4, "0"))
  return BigInt(`0x${hex.join("")}`)
}

/** `address/length` in canonical text form. */
export function formatPrefix({ family, first, length }: Prefix): string {
  return `${formatAddress(family, first)}/${length}`
}

/** Whether every address of `inner` is in `outer`. */
export function containsPrefix(outer: Prefix, inner: Prefix): boolean {
  const hostBits = BigInt(widthOf(outer.family) - outer.length)
  return (
    outer.family === inner.family &&
    outer.length <= inner.length &&
    outer.first >> hostBits === inner.first >> hostBits
  )
}

/** Whether some address is in both. */
export function prefixesOverlap(a: Prefix, b: Prefix): boolean {
  return containsPrefix(a, b) || containsPrefix(b, a)
}
