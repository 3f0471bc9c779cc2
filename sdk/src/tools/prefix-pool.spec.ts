import fc from "fast-check"
import assert from "node:assert/strict"
import { formatPrefix, parsePrefix, type Prefix, prefixesOverlap } from "./prefix.ts"
import { PrefixPool } from "./prefix-pool.ts"

describe("PrefixPool", () => {
  it("hands out every address once, lowest first, then none", () => {
    const pool = new PrefixPool(prefix("10.0.0.252/30"))
    const taken = Array.from({ length: 5 }, () => pool.takeLowest())
    assert.deepEqual(
      taken.map((each) => each && formatPrefix(each)),
      ["10.0.0.252/32", "10.0.0.253/32", "10.0.0.254/32", "10.0.0.255/32", undefined],
    )
  })

  it("hands out again what was given back", () => {
    const pool = new PrefixPool(prefix("10.0.0.0/31"))
    const first = pool.takeLowest() ?? assert.fail()
    pool.takeLowest()
    pool.give(first)
    assert.deepEqual(pool.takeLowest(), first)
  })

  it("passes over what is excluded without using it up", () => {
    const pool = new PrefixPool(prefix("10.0.0.0/29"))
    const excluded = [prefix("10.0.0.0/30"), prefix("10.0.0.5/32"), prefix("192.0.2.0/24")]
    assert.equal(textOf(pool.takeLowest(excluded)), "10.0.0.4/32")
    assert.equal(textOf(pool.takeLowest(excluded)), "10.0.0.6/32")
    assert.equal(textOf(pool.takeLowest()), "10.0.0.0/32")
  })

  it("has nothing free if a larger prefix is excluded", () => {
    const pool = new PrefixPool(prefix("10.0.0.0/29"))
    assert.equal(pool.takeLowest([prefix("10.0.0.0/8")]), undefined)
  })

  it("hands out prefixes shorter than an address, but never more than it has", () => {
    const pool = new PrefixPool(prefix("fd00::/62"))
    pool.take(prefix("fd00::1/128"))
    assert.equal(textOf(pool.takeLowest([], 64)), "fd00:0:0:1::/64")
    assert.equal(pool.takeLowest([], 61), undefined)
    assert.equal(pool.takeLowest([], 62), undefined)
  })

  it("does not take what is taken, or is elsewhere", () => {
    const pool = new PrefixPool(prefix("10.0.0.0/24"))
    assert.equal(pool.take(prefix("10.0.0.9/32")), true)
    assert.equal(pool.take(prefix("10.0.0.9/32")), false)
    assert.equal(pool.take(prefix("10.0.0.8/31")), false)
    assert.equal(pool.take(prefix("10.0.1.9/32")), false)
    assert.equal(pool.take(prefix("fd00::9/128")), false)
  })

  it("does as a plain list of addresses does", () => {
    const size = 16
    const within = fc
      .tuple(fc.nat(size - 1), fc.integer({ min: 28, max: 32 }))
      .map(([offset, length]): Prefix => prefix(`10.0.0.${32 + offset}/${length}`))
    const action = fc.oneof(
      fc.record({
        kind: fc.constant("lowest" as const),
        excluded: fc.array(within, { maxLength: 3 }),
      }),
      fc.record({ kind: fc.constant("take" as const), prefix: within }),
      fc.record({ kind: fc.constant("give" as const), prefix: within }),
    )
    fc.assert(
      fc.property(fc.array(action, { maxLength: 60 }), (actions) => {
        const pool = new PrefixPool(prefix("10.0.0.32/28"))
        let taken: readonly Prefix[] = []
        for (const each of actions) {
          if (each.kind === "lowest") {
            const expected = addresses(size).find(
              (address) =>
                ![...taken, ...each.excluded].some((other) => prefixesOverlap(other, address)),
            )
            assert.deepEqual(pool.takeLowest(each.excluded), expected)
            if (expected) taken = [...taken, expected]
          } else if (each.kind === "take") {
            const isFree = !taken.some((other) => prefixesOverlap(other, each.prefix))
            assert.equal(pool.take(each.prefix), isFree)
            if (isFree)
              taken = [...taken, ...addresses(size).filter((a) => prefixesOverlap(a, each.prefix))]
          } else {
            pool.give(each.prefix)
            taken = taken.filter((address) => !prefixesOverlap(address, each.prefix))
          }
        }
      }),
    )
  })

  it("is as quick in a fragmented /64 as in an empty one", () => {
    const pool = new PrefixPool(prefix("fd00::/64"))
    const taken = Array.from({ length: 20_000 }, () => pool.takeLowest() ?? assert.fail())
    taken.forEach((address, index) => index % 2 === 0 && pool.give(address))
    const again = taken.flatMap((_, index) => (index % 2 === 0 ? (pool.takeLowest() ?? []) : []))
    assert.deepEqual(
      again,
      taken.filter((_, index) => index % 2 === 0),
    )
  })
})

function addresses(size: number): Prefix[] {
  return Array.from({ length: size }, (_, offset) => prefix(`10.0.0.${32 + offset}/32`))
}

function textOf(given: Prefix | undefined): string | undefined {
  return given && formatPrefix(given)
}

function prefix(text: string): Prefix {
  return parsePrefix(text) ?? assert.fail(`${text} is not a prefix`)
}
