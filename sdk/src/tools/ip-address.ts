/** The number of an address that is one of its family. */
export function addressNumber(family: 4 | 6, text: string): bigint {
  return family === 4 ? BigInt(number4(text)) : number6(text)
}

/** The usual text of an address (RFC 5952). */
export function addressText(family: 4 | 6, value: bigint): string {
  if (family === 4) return text4(Number(value))
  const groups = value.toString(16).padStart(32, "0").match(/.{4}/g) ?? []
  // However an address is written, a URL gives it back in its usual text.
  return new URL(`http://[${groups.join(":")}]`).hostname.slice(1, -1)
}

function number4(text: string): number {
  return text.split(".").reduce((number, byte) => number * 256 + Number(byte), 0)
}

function text4(value: number): string {
  return [value >>> 24, (value >>> 16) & 255, (value >>> 8) & 255, value & 255].join(".")
}

function number6(text: string): bigint {
  const [start = "", end = ""] = text.split("::")
  const [first, last] = [groupsOf(start), groupsOf(end)]
  const gap = 8 - first.length - last.length
  const groups = gap > 0 ? [...first, ...new Array<number>(gap).fill(0), ...last] : first
  return groups.reduce((number, group) => (number << 16n) | BigInt(group), 0n)
}

/** Groups of 16 bits; the last two may be written as an IPv4 address. */
function groupsOf(text: string): readonly number[] {
  if (text === "") return []
  return text.split(":").flatMap((group) => {
    if (!group.includes(".")) return Number.parseInt(group, 16)
    const number = number4(group)
    return [number >>> 16, number & 0xffff]
  })
}
