import assert from "node:assert/strict"
import { changeLink, createLink, deleteLink, getLink, listLinks } from "../links/link-requests.ts"
import { createVeth } from "../links/veth.ts"
import { createNamespace } from "../namespace/create-namespace.ts"
import { requirePrivilege } from "../testing/require-privilege.ts"

describe("NetlinkSocket", () => {
  before(function () {
    requirePrivilege(this)
  })

  it("sends several requests at once and gives the replies to each", () => {
    using namespace = createNamespace()
    const lo = { index: 1, name: "lo" }
    const [found = [], up = [], again = []] = namespace.netlink.request([
      getLink("lo"),
      changeLink(lo, { isUp: true }),
      getLink(1),
    ])
    assert.deepEqual([found.length, up.length, again.length], [1, 0, 1])
  })

  it("throws the first refusal, after all were tried", () => {
    using namespace = createNamespace()
    const attempt = (): unknown =>
      namespace.netlink.request([
        createLink("bridge", { name: "br0" }),
        getLink("absent"),
        createLink("bridge", { name: "br1" }),
        getLink("missing"),
      ])
    assert.throws(attempt, { reason: "LINK_NOT_FOUND", message: /find interface "absent" in/ })
    assert.equal(namespace.netlink.dump(listLinks()).length, 3)
  })

  it("lists more than fits into one answer", () => {
    using namespace = createNamespace()
    const names = Array.from({ length: 80 }, (_, n) => n)
    namespace.netlink.request(names.map((n) => createVeth({ name: `a${n}` }, { name: `b${n}` })))
    assert.equal(namespace.netlink.dump(listLinks()).length, 161)
  })

  it("keeps answering while it waits for a deletion, and tells the answers apart", async () => {
    using namespace = createNamespace()
    const { netlink } = namespace
    netlink.request([0, 1, 2].map((n) => createVeth({ name: `a${n}` }, { name: `b${n}` })))
    const deletions = [0, 1, 2].map((n) => netlink.later(deleteLink(`a${n}`)))
    const refused = netlink.later(getLink("absent"))
    for (let round = 0; round < 50; round++) {
      assert.equal(netlink.request([getLink("lo")])[0]?.length, 1)
    }
    await assert.rejects(refused, { reason: "LINK_NOT_FOUND" })
    await Promise.all(deletions)
    assert.equal(netlink.dump(listLinks()).length, 1)
  })

  it("lets what is under way finish when it is closed", async () => {
    using namespace = createNamespace()
    using again = createNamespace()
    namespace.netlink.request([createVeth({ name: "a" }, { name: "b", namespace: again.fd })])
    const deletion = namespace.netlink.later(deleteLink("a"))
    namespace[Symbol.dispose]()
    await deletion
    assert.equal(again.netlink.dump(listLinks()).length, 1)
    assert.throws(() => namespace.netlink.request([getLink("lo")]), { reason: "INTERNAL" })
  })
})
