import assert from "node:assert/strict"
import { readdirSync, readFileSync } from "node:fs"
import { setImmediate } from "node:timers/promises"
import { createNamespace } from "../namespace/create-namespace.ts"
import { requirePrivilege } from "../testing/require-privilege.ts"
import { linkEvents } from "./link-events.ts"
import { Links } from "./links.ts"
import { knowNamespace } from "./namespace-id.ts"
import { createVeth } from "./veth.ts"

describe("linkEvents", () => {
  before(function () {
    requirePrivilege(this)
  })

  it("tells of links that come, change and go", async () => {
    using namespace = createNamespace()
    const stop = new AbortController()
    const events = linkEvents({ namespace, signal: stop.signal })[Symbol.asyncIterator]()
    const links = new Links(namespace)
    const next = async (): Promise<unknown> => {
      const { value } = (await events.next()) as { value: { kind: string; link: { name: string } } }
      return [value.kind, value.link.name]
    }
    const first = next()
    links.createBridge({ name: "br0" })
    assert.deepEqual(await first, ["changed", "br0"])
    links.change("br0", { mtu: 1400 })
    assert.deepEqual(await next(), ["changed", "br0"])
    const gone = next()
    await links.delete("br0")
    assert.deepEqual(await gone, ["removed", "br0"])
    stop.abort()
    assert.equal((await events.next()).done, true)
  })

  it("tells of namespaces that its own knows, without keeping them", async () => {
    using home = createNamespace()
    using place = createNamespace()
    using stranger = createNamespace()
    knowNamespace(home, place)
    knowNamespace(home, place)
    const stop = new AbortController()
    const { signal } = stop
    const events = linkEvents({ namespace: home, signal, hearsOthers: true })[
      Symbol.asyncIterator
    ]()
    new Links(stranger).createBridge({ name: "br1" })
    new Links(place).createBridge({ name: "br0" })
    const { value } = (await events.next()) as { value: { kind: string; link: { name: string } } }
    assert.deepEqual([value.kind, value.link.name], ["changed", "br0"])
    stop.abort()
    await events.next()
  })

  it("tells only of links that go, if that is wanted", async () => {
    using namespace = createNamespace()
    const stop = new AbortController()
    const { signal } = stop
    const events = linkEvents({ namespace, signal, onlyRemovals: true })[Symbol.asyncIterator]()
    const links = new Links(namespace)
    links.createBridge({ name: "br0" })
    links.change("br0", { mtu: 1400 })
    await links.delete("br0")
    const { value } = (await events.next()) as { value: { kind: string; link: { name: string } } }
    assert.deepEqual([value.kind, value.link.name], ["removed", "br0"])
    stop.abort()
    await events.next()
  })

  it("ends a wait, and leaves no descriptor, when the signal fires", async () => {
    using namespace = createNamespace()
    namespace.netlink.request([])
    const before = readdirSync("/proc/self/fd").length
    const stop = new AbortController()
    const events = linkEvents({ namespace, signal: stop.signal })[Symbol.asyncIterator]()
    const waiting = events.next()
    await setImmediate()
    stop.abort()
    assert.equal((await waiting).done, true)
    await setImmediate()
    assert.equal(readdirSync("/proc/self/fd").length, before)
  })

  it("says that events are lost when too many come at once", async () => {
    using namespace = createNamespace()
    const stop = new AbortController()
    const events = linkEvents({ namespace, signal: stop.signal })
    const links = new Links(namespace)
    namespace.netlink.request([createVeth({ name: "a" }, { name: "b" })])
    // Each takes more than half a kilobyte of what the kernel keeps for a socket.
    const enough = Number(readFileSync("/proc/sys/net/core/rmem_default", "utf8")) / 512
    for (let count = 0; count < enough; count++) links.change("a", { mtu: 1000 + (count % 2) })
    const kinds = new Set<string>()
    for await (const { kind } of events) {
      kinds.add(kind)
      if (kind === "overrun") stop.abort()
    }
    assert.deepEqual([...kinds].toSorted(), ["overrun"])
  })
})
