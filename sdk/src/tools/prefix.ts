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
  const value = numberOf(ip.parse(address).toByteArray())
  const hostBits = BigInt(width - length)
  return { family, first: (value >> hostBits) << hostBits, length }
}

/** An address in its canonical text form (RFC 5952). */
export function formatAddress(family: 4 | 6, value: bigint): string {
  const address = ip.fromByteArray(bytesOf(family, value))
  return address instanceof ip.IPv6 ? address.toRFC5952String() : address.toString()
}

function numberOf(bytes: readonly number[]): bigint {
  return BigInt(`0x${Buffer.from(bytes).toString("hex")}`)
}

function bytesOf(family: 4 | 6, value: bigint): number[] {
  return [...Buffer.from(value.toString(16).padStart(widthOf(family) / 4, "0"), "hex")]
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
