import assert from "node:assert/strict"
import fc from "fast-check"
import {
  containsPrefix,
  formatPrefix,
  parsePrefix,
  type Prefix,
  prefixesOverlap,
} from "./prefix.ts"

describe("parsePrefix", () => {
  const good: readonly (readonly [text: string, canonical: string])[] = [
    ["10.0.0.1", "10.0.0.1/32"],
    ["10.0.0.77/24", "10.0.0.0/24"],
    ["0.0.0.0/0", "0.0.0.0/0"],
    ["255.255.255.255/32", "255.255.255.255/32"],
    [" 172.16.1.101/31 ", "172.16.1.100/31"],
    ["2001:DB8:0:0::1", "2001:db8::1/128"],
    ["fd00::ffff/64", "fd00::/64"],
    ["::/0", "::/0"],
  ]
  for (const [text, canonical] of good) {
    it(`reads ${text} as ${canonical}`, () => {
      assert.equal(formatPrefix(prefix(text)), canonical)
    })
  }

  for (const text of [
    "",
    "/",
    "10.0.0",
    "10.0.0.1/33",
    "::/129",
    "10.0.0.0/",
    "10.0.0.0/-1",
    "1.2.3.4/8/8",
    "fe80::1%eth0",
    "10.0.0.0/1e1",
    "name",
  ]) {
    it(`refuses ${JSON.stringify(text)}`, () => {
      assert.equal(parsePrefix(text), undefined)
    })
  }
})

describe("formatPrefix", () => {
  const address = (family: 4 | 6, length: number) =>
    fc
      .bigInt({ min: 0n, max: (1n << BigInt(length)) - 1n })
      .map((first) => ({ family, first, length }))

  it("writes every address as parsePrefix reads it", () => {
    const addresses = fc.oneof(
      address(4, 32),
      address(6, 128),
      // one that holds an IPv4 address, and one with zeros in it
      address(4, 32).map(({ first }) => ({
        family: 6,
        first: first | (0xffffn << 32n),
        length: 128,
      })),
      address(4, 32).map(({ first }) => ({ family: 6, first: first << 48n, length: 128 })),
    ) as fc.Arbitrary<Prefix>
    fc.assert(
      fc.property(addresses, (one) => assert.deepEqual(parsePrefix(formatPrefix(one)), one)),
    )
  })
})

describe("containsPrefix and prefixesOverlap", () => {
  const cases: readonly (readonly [
    outer: string,
    inner: string,
    contains: boolean,
    overlap: boolean,
  ])[] = [
    ["10.0.0.0/8", "10.200.0.0/16", true, true],
    ["10.200.0.0/16", "10.0.0.0/8", false, true],
    ["10.0.0.0/24", "10.0.1.0/24", false, false],
    ["10.0.0.0/24", "10.0.0.0/24", true, true],
    ["0.0.0.0/0", "::/0", false, false],
    ["::/0", "fd00::1/128", true, true],
  ]
  for (const [outer, inner, contains, overlap] of cases) {
    it(`tells how ${outer} and ${inner} lie`, () => {
      assert.equal(containsPrefix(prefix(outer), prefix(inner)), contains)
      assert.equal(prefixesOverlap(prefix(outer), prefix(inner)), overlap)
    })
  }
})

function prefix(text: string): Prefix {
  return parsePrefix(text) ?? assert.fail(`${text} is not a prefix`)
}
