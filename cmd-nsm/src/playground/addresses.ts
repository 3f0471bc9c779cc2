import { NsmError } from "@nsm/sdk"
import { Address4, Address6 } from "ip-address"

/** Hands out the underlay's addresses in order: the first of each prefix to the bridge. */
export class UnderlayAddresses {
  readonly #prefixes: readonly (Address4 | Address6)[]
  #next = 1n

  /** Takes one IPv4 and one IPv6 prefix in CIDR form. */
  constructor(ipv4: string, ipv6: string) {
    this.#prefixes = [parse(ipv4, Address4), parse(ipv6, Address6)]
  }

  /** The next address of each prefix, with the prefix's length: `10.200.0.1/24`. */
  next(): string[] {
    const offset = this.#next++
    return this.#prefixes.map((prefix) => {
      const value = prefix.startAddress().bigInt() + offset
      if (value > prefix.endAddress().bigInt()) {
        throw new NsmError(
          "ADDRESSES_EXHAUSTED",
          `the underlay's prefix ${prefix.address} has no address left for another node; choose a wider one`,
        )
      }
      const text =
        prefix instanceof Address4 ? Address4.fromBigInt(value) : Address6.fromBigInt(value)
      return `${text.correctForm()}/${prefix.subnetMask}`
    })
  }
}

function parse(cidr: string, Family: typeof Address4 | typeof Address6): Address4 | Address6 {
  try {
    return new Family(cidr)
  } catch (cause) {
    throw new NsmError(
      "INVALID_CONFIGURATION",
      `underlay: "${cidr}" is no prefix; write it as 10.200.0.0/24 or fd00:200::/64`,
      { cause },
    )
  }
}
