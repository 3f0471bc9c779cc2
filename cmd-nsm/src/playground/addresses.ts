import { formatPrefix, NsmError, parsePrefix, type Prefix, widthOf } from "@nsm/sdk"

/** Hands out the underlay's addresses in order: the first of each prefix to the bridge. */
export class UnderlayAddresses {
  readonly #prefixes: readonly Prefix[]
  #next = 1n

  /** Takes one IPv4 and one IPv6 prefix in CIDR form. */
  constructor(ipv4: string, ipv6: string) {
    this.#prefixes = [parse(ipv4, 4), parse(ipv6, 6)]
  }

  /** The next address of each prefix, with the prefix's length: `10.200.0.1/24`. */
  next(): string[] {
    const offset = this.#next++
    return this.#prefixes.map(({ family, first, length }) => {
      if (offset >> BigInt(widthOf(family) - length) > 0n) {
        throw new NsmError(
          "ADDRESSES_EXHAUSTED",
          `the underlay's prefix ${formatPrefix({ family, first, length })} has no address left for another node; choose a wider one`,
        )
      }
      return formatPrefix({ family, first: first + offset, length })
    })
  }
}

function parse(cidr: string, family: 4 | 6): Prefix {
  const prefix = parsePrefix(cidr)
  if (prefix?.family === family) return prefix
  throw new NsmError(
    "INVALID_CONFIGURATION",
    `underlay: "${cidr}" is no prefix; write it as 10.200.0.0/24 or fd00:200::/64`,
  )
}
