import assert from "node:assert/strict"
import { Payload } from "@nsm/api"
import { NsmError, type Reason, rootCause } from "@nsm/sdk"
import { Links } from "../../links/links.ts"
import { createNamespace } from "../../namespace/create-namespace.ts"
import type { NetworkNamespace } from "../../namespace/network-namespace.ts"
import { kernelSuite } from "../../testing/kernel-suite.ts"
import { TwoNodes } from "../../testing/two-nodes.ts"
import { passes, workload } from "../../testing/workloads.ts"

describe("forwarder", function () {
  this.timeout(20_000)
  const cleanup = kernelSuite()

  const namespace = (): NetworkNamespace => cleanup.use(createNamespace())

  it("connects two workloads of its node, keeps their wire on refresh, and removes it on close", async () => {
    const [home, place] = [namespace(), namespace()]
    const domain = await TwoNodes.start(cleanup)
    await domain.endpoint(place.url)
    const granted = await domain.request("fwd-1", home.url)
    assert.equal(granted.mechanism?.parameters["name"], "nsm-1")
    assert.equal(granted.context?.MTU, 9000)
    await passes(home, "10.0.0.0")
    const before = linksOf(home)
    await domain.refresh("fwd-1", granted)
    assert.deepEqual(linksOf(home), before)
    await domain.close("fwd-1", granted)
    assert.deepEqual([linksOf(home), linksOf(place)], [[], []])
  })

  it("connects workloads of two nodes by VXLAN, with room for its headers", async () => {
    const [home, place] = [namespace(), namespace()]
    const domain = await TwoNodes.start(cleanup)
    await domain.endpoint(place.url, { node: 2 })
    const granted = await domain.request("fwd-1", home.url)
    assert.equal(granted.context?.MTU, 1446)
    assert.deepEqual([mtuOf(home), mtuOf(place)], [1446, 1446])
    await passes(home, "10.0.0.0")
    await domain.refresh("fwd-1", granted)
    await passes(home, "10.0.0.0")
    await domain.close("fwd-1", granted)
    assert.deepEqual([linksOf(home), linksOf(place)], [[], []])
  })

  it("gives every connection between two nodes an identifier of its own", async () => {
    const domain = await TwoNodes.start(cleanup)
    await domain.endpoint(namespace().url, { node: 2 })
    const homes = Array.from({ length: 8 }, () => namespace())
    const granted = await Promise.all(homes.map((home) => domain.request("fwd-1", home.url)))
    const sources = granted.map(({ context }) => context?.ipContext?.dstIpAddrs[0]?.split("/")[0])
    for (const [at, home] of homes.entries()) await passes(home, sources[at] ?? "")
    await Promise.all(granted.map((connection) => domain.close("fwd-1", connection)))
    assert.ok(homes.every((home) => linksOf(home).length === 0))
  })

  it("closes the connection when the client's namespace has gone", async () => {
    const place = namespace()
    const domain = await TwoNodes.start(cleanup)
    await domain.endpoint(place.url)
    const home = cleanup.use(await workload())
    await domain.request("fwd-1", home.url)
    assert.equal(linksOf(place).length, 1)
    await home[Symbol.asyncDispose]()
    await domain.clock.advance(250)
    await domain.tasks.idle()
    assert.deepEqual([domain.wirings.map(({ size }) => size), domain.held], [[0, 0], 0])
  })

  describe("that starts anew", () => {
    it("takes over a wire within its node", async () => {
      const [home, place] = [namespace(), namespace()]
      const domain = await TwoNodes.start(cleanup)
      await domain.endpoint(place.url)
      const granted = await domain.request("fwd-1", home.url)
      const before = [linksOf(home), linksOf(place)]
      await domain.restart(1)
      await domain.refresh("fwd-1", granted)
      assert.deepEqual([linksOf(home), linksOf(place)], before)
      await domain.close("fwd-1", granted)
      assert.deepEqual([linksOf(home), linksOf(place)], [[], []])
    })

    const restarts = [
      { who: "the one at the client", nodes: [1] },
      { who: "the one at the endpoint", nodes: [2] },
      { who: "both", nodes: [1, 2] },
    ] as const
    for (const { who, nodes } of restarts) {
      it(`keeps both halves of a wire across nodes, and its identifier, when it is ${who}`, async () => {
        const [home, place] = [namespace(), namespace()]
        const domain = await TwoNodes.start(cleanup)
        await domain.endpoint(place.url, { node: 2 })
        const granted = await domain.request("fwd-1", home.url)
        const before = [linksOf(home), linksOf(place), vniOf(home), vniOf(place)]
        for (const node of nodes) await domain.restart(node)
        const again = await domain.refresh("fwd-1", granted)
        assert.deepEqual([linksOf(home), linksOf(place), vniOf(home), vniOf(place)], before)
        await passes(home, "10.0.0.0")
        // what is known again is kept
        await domain.refresh("fwd-1", again)
        assert.deepEqual([linksOf(home), linksOf(place), vniOf(home), vniOf(place)], before)
        await domain.close("fwd-1", granted)
        assert.deepEqual([linksOf(home), linksOf(place)], [[], []])
      })
    }

    it("does not take an identifier over that another connection has by then", async () => {
      const [home, other, place] = [namespace(), namespace(), namespace()]
      const domain = await TwoNodes.start(cleanup)
      await domain.endpoint(place.url, { node: 2 })
      const [first, second] = [
        await domain.request("fwd-1", home.url),
        await domain.request("fwd-1", other.url),
      ]
      for (const node of [1, 2] as const) await domain.restart(node)
      for (const granted of [second, first]) await domain.refresh("fwd-1", granted)
      assert.notEqual(vniOf(home), vniOf(other))
      await passes(home, "10.0.0.0")
      await passes(other, "10.0.0.2")
    })
  })

  const failures: {
    title: string
    name?: string
    home?: string
    place?: string
    payload?: string
    node?: 1 | 2
    reason: Reason
    text: RegExp
  }[] = [
    {
      title: "a name that is too long",
      name: "a-name-of-16-cha",
      reason: "INTERFACE_NAME_INVALID",
      text: /16/,
    },
    { title: "a name that is taken", name: "lo", reason: "INTERFACE_NAME_TAKEN", text: /"lo"/ },
    {
      title: "a client without namespace",
      home: "file:///proc/none",
      reason: "NAMESPACE_NOT_FOUND",
      text: /none/,
    },
    {
      title: "an endpoint without namespace",
      place: "file:///proc/none",
      reason: "NAMESPACE_NOT_FOUND",
      text: /none/,
    },
    {
      title: "an endpoint without namespace on another node",
      place: "file:///proc/none",
      node: 2,
      reason: "NAMESPACE_NOT_FOUND",
      text: /none/,
    },
    {
      title: "IP without frames between nodes",
      payload: Payload.IP,
      node: 2,
      reason: "MECHANISM_UNSUPPORTED",
      text: /REMOTE.*payload IP/,
    },
  ]
  for (const {
    title,
    name,
    home: homeUrl,
    place: placeUrl,
    payload,
    node,
    reason,
    text,
  } of failures) {
    it(`refuses ${title} with ${reason} and leaves nothing behind`, async () => {
      const [home, place] = [namespace(), namespace()]
      const domain = await TwoNodes.start(cleanup)
      await domain.endpoint(placeUrl ?? place.url, { node, payload })
      await assert.rejects(domain.request("fwd-1", homeUrl ?? home.url, name), (error: unknown) => {
        const cause = rootCause(NsmError.from(error))
        assert.equal(cause.reason, reason)
        assert.match(cause.text, text)
        assert.match(cause.hop ?? "", /^fwd-/)
        return true
      })
      assert.deepEqual([linksOf(home), linksOf(place), domain.held], [[], [], 0])
      assert.deepEqual(
        domain.wirings.map(({ size }) => size),
        [0, 0],
      )
    })
  }

  it("offers no tunnels where the node has no address for them", async () => {
    const domain = await TwoNodes.start(cleanup)
    assert.doesNotMatch(domain.outline({ hasTunnel: false }), /vxlan|vni/)
    assert.match(domain.outline({ hasTunnel: true }), /vxlan/)
  })
})

function linksOf(namespace: NetworkNamespace): string[] {
  return new Links(namespace)
    .list()
    .filter(({ name }) => name !== "lo")
    .map(({ index, name }) => `${index} ${name}`)
}

function mtuOf(namespace: NetworkNamespace): number | undefined {
  return new Links(namespace).list().find(({ name }) => name !== "lo")?.mtu
}

function vniOf(namespace: NetworkNamespace): number | undefined {
  return new Links(namespace).list().find(({ kind }) => kind === "vxlan")?.tunnel?.vni
}
