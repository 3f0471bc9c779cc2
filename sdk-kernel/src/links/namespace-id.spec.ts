import assert from "node:assert/strict"
import { createVethPair } from "../interfaces/veth-pair.ts"
import { createNamespace } from "../namespace/create-namespace.ts"
import { requirePrivilege } from "../testing/require-privilege.ts"
import { Links } from "./links.ts"
import { knowNamespace, namespaceId } from "./namespace-id.ts"

describe("namespaceId", () => {
  before(function () {
    requirePrivilege(this)
  })

  it("is the number by which a link names the namespace of its peer", async () => {
    using one = createNamespace()
    using two = createNamespace()
    assert.equal(namespaceId(one, two), undefined)
    await createVethPair({ namespace: one, name: "a" }, { namespace: two, name: "b" })
    const { peerNamespace } = new Links(one).get("a")
    assert.notEqual(peerNamespace, undefined)
    assert.equal(namespaceId(one, two), peerNamespace)
  })

  it("is what a namespace was told to have", () => {
    using one = createNamespace()
    using two = createNamespace()
    knowNamespace(one, two)
    assert.notEqual(namespaceId(one, two), undefined)
  })

  it("is not there within one namespace", async () => {
    using one = createNamespace()
    await createVethPair({ namespace: one, name: "a" }, { namespace: one, name: "b" })
    assert.equal(new Links(one).get("a").peerNamespace, undefined)
  })
})
