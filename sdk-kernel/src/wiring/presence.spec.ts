import assert from "node:assert/strict"
import { createNamespace } from "../namespace/create-namespace.ts"
import { requirePrivilege } from "../testing/require-privilege.ts"
import { Presence } from "./presence.ts"

describe("Presence", () => {
  before(function () {
    requirePrivilege(this)
  })

  it("tells which forwarders of a node run, until they end", () => {
    using node = createNamespace()
    using one = new Presence({ node, forwarder: "one" })
    using two = new Presence({ node, forwarder: "two" })
    assert.deepEqual([one.claim(), two.claim()], [true, true])
    assert.deepEqual([...one.running()].toSorted(), ["one", "two"])
    two[Symbol.dispose]()
    assert.deepEqual([...one.running()], ["one"])
  })

  it("lets only one have a name, and another once that has ended", () => {
    using node = createNamespace()
    using first = new Presence({ node, forwarder: "one" })
    using second = new Presence({ node, forwarder: "one" })
    assert.deepEqual([first.claim(), first.claim(), second.claim()], [true, true, false])
    first[Symbol.dispose]()
    assert.ok(second.claim())
  })

  it("knows nothing of other nodes", () => {
    using node = createNamespace()
    using other = createNamespace()
    using here = new Presence({ node, forwarder: "one" })
    using there = new Presence({ node: other, forwarder: "one" })
    assert.deepEqual([here.claim(), there.claim()], [true, true])
    assert.deepEqual([...here.running()], ["one"])
  })
})
