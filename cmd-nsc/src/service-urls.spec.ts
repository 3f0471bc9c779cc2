import assert from "node:assert/strict"
import { create } from "@bufbuild/protobuf"
import { ConnectionSchema } from "@nsm/api"
import { NsmError } from "@nsm/sdk"
import { awareness } from "./awareness.ts"
import { interfaceName, wantedWires, wireGroups } from "./service-urls.ts"

describe("NSM_NETWORK_SERVICES", () => {
  it("reads a URL per wire, and what is between commas", () => {
    const wires = wantedWires.parse("kernel://a/nsm-1?k=v, kernel://b@cluster2,")
    assert.deepEqual(
      wires.map(({ text, networkService, labels, mechanism }) => [
        text,
        networkService,
        labels,
        interfaceName(mechanism),
      ]),
      [
        ["kernel://a/nsm-1?k=v", "a", { k: "v" }, "nsm-1"],
        ["kernel://b@cluster2", "b@cluster2", {}, undefined],
      ],
    )
    assert.deepEqual(wantedWires.parse(""), [])
  })

  const wrong: readonly [value: string, why: RegExp][] = [
    ["icmp", /icmp/],
    ["kernel://", /names no network service/],
    ["kernel://a/b/c", /kernel:\/\/a\/b\/c: write kernel:/],
    ["memif://a/b", /memif:\/\/a\/b: .* kernel only/],
    ["kernel://a/sixteen-letters1", /sixteen-letters1/],
    ["kernel://a/nsm-1,kernel://b/nsm-1", /two wires want the interface nsm-1/],
  ]
  for (const [value, why] of wrong) {
    it(`refuses ${value} and says why`, () => {
      assert.throws(
        () => wantedWires.parse(value),
        (failure) => failure instanceof NsmError && why.test(failure.text),
      )
    })
  }
})

describe("NSM_AWARENESS_GROUPS", () => {
  const connection = (networkService: string, name: string, labels: Record<string, string> = {}) =>
    create(ConnectionSchema, {
      networkService,
      labels,
      mechanism: { type: "KERNEL", parameters: { name } },
    })

  it("lets wires of one group know of each other, and no others", () => {
    const areAware = awareness(wireGroups.parse("[kernel://a, kernel://b/nsm-2],[kernel://c?k=v]"))
    const [a, b] = [connection("a", "nsm-1"), connection("b", "nsm-2")]
    assert.ok(areAware(a, b))
    assert.ok(areAware(b, a))
    assert.ok(!areAware(a, connection("b", "nsm-3")))
    assert.ok(!areAware(a, connection("c", "nsm-3", { k: "v" })))
    const c = connection("c", "nsm-3", { k: "v", more: "x" })
    assert.ok(areAware(c, c))
    assert.ok(!areAware(c, connection("c", "nsm-4", { k: "w" })))
  })

  for (const value of ["kernel://a", "[kernel://a", "[kernel://a][kernel://b]", "[[kernel://a]]"]) {
    it(`refuses ${value}`, () => {
      assert.throws(() => wireGroups.parse(value), RangeError)
    })
  }
})
