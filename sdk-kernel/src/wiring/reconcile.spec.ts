import assert from "node:assert/strict"
import { type Log, NsmError, silentLog } from "@nsm/sdk"
import { FakeClock } from "@nsm/sdk/testing"
import { createVethPair } from "../interfaces/veth-pair.ts"
import { Links } from "../links/links.ts"
import { createNamespace } from "../namespace/create-namespace.ts"
import { inodeUrl } from "../namespace/namespace-url.ts"
import type { NetworkNamespace } from "../namespace/network-namespace.ts"
import { openNamespace } from "../namespace/open-namespace.ts"
import { kernelSuite } from "../testing/kernel-suite.ts"
import { clientEnd, endpointEnd, joined, names, veth, vxlan } from "../testing/wires.ts"
import { passes, workload } from "../testing/workloads.ts"
import { Presence } from "./presence.ts"
import { Reconcile } from "./reconcile.ts"
import type { LostEnd } from "./wire-check.ts"
import { Wiring } from "./wiring.ts"

const graceMs = 600_000
const intervalMs = 60_000

describe("Reconcile", function () {
  this.timeout(20_000)
  const cleanup = kernelSuite()
  let clock: FakeClock

  beforeEach(() => {
    clock = new FakeClock()
  })

  /** A namespace that can be seen, because a process is in it. */
  const namespace = async (): Promise<NetworkNamespace> => {
    const made = cleanup.use(createNamespace())
    cleanup.use(await workload(made))
    return made
  }
  const forwarder = (node: NetworkNamespace, name = "fwd", log: Log = silentLog) => {
    const wires = cleanup.use(new Wiring({ node: openNamespace(node.url), name, keepsWires: true }))
    const presence = cleanup.use(new Presence({ node, forwarder: name }))
    const reconcile = new Reconcile({ wires, presence, clock, log, graceMs, intervalMs })
    /** Ends as a process does that is killed. */
    const die = async (): Promise<void> => {
      presence[Symbol.dispose]()
      await wires[Symbol.asyncDispose]()
    }
    return { wires, presence, reconcile, die }
  }
  /** Looks once, and once again when the grace is over. */
  const outlast = async ({ reconcile }: { reconcile: Reconcile }): Promise<void> => {
    await reconcile.once()
    await clock.advance(graceMs)
    await reconcile.once()
  }

  it("removes what a dead forwarder left that nobody asked for again, after the grace", async () => {
    const [node, client, endpoint] = [await namespace(), await namespace(), await namespace()]
    const earlier = forwarder(node)
    await earlier.wires.apply("a", veth(clientEnd(client), endpointEnd(endpoint)))
    await earlier.die()
    const { reconcile } = forwarder(node)
    await reconcile.once()
    await clock.advance(graceMs - 1)
    await reconcile.once()
    assert.deepEqual([names(client), names(endpoint)], [["nsm-1"], ["nse-1"]])
    const since = new Date(clock.now() - graceMs + 1).toISOString()
    const { orphans } = await reconcile.audit()
    assert.deepEqual(
      orphans.map(({ interface: name, since: seen, removedAt }) => [name, seen, removedAt]),
      [
        ["nsm-1", since, undefined],
        ["nse-1", since, undefined],
      ],
    )
    await clock.advance(1)
    await reconcile.once()
    assert.deepEqual([names(client), names(endpoint)], [[], []])
    const removedAt = new Date(clock.now()).toISOString()
    assert.ok((await reconcile.audit()).orphans.every((one) => one.removedAt === removedAt))
  })

  it("removes either half of a wire across nodes, each by the forwarder of its node", async () => {
    const [one, two] = [await namespace(), await namespace()]
    await joined(one, two)
    const [client, endpoint] = [await namespace(), await namespace()]
    const earlier = [forwarder(one), forwarder(two)] as const
    await earlier[0].wires.apply("a", vxlan(clientEnd(client)))
    await earlier[1].wires.apply("b", vxlan(endpointEnd(endpoint)))
    await Promise.all(earlier.map((each) => each.die()))
    await outlast(forwarder(one))
    assert.deepEqual([names(client), names(endpoint)], [[], ["nse-1"]])
    await outlast(forwarder(two))
    assert.deepEqual(names(endpoint), [])
  })

  it("leaves what live connections own, also when they are taken over late", async () => {
    const [node, client, endpoint] = [await namespace(), await namespace(), await namespace()]
    const wire = veth(clientEnd(client), endpointEnd(endpoint))
    const earlier = forwarder(node)
    await earlier.wires.apply("a", wire)
    await earlier.die()
    const later = forwarder(node)
    await later.reconcile.once()
    await clock.advance(graceMs - 1)
    await later.wires.apply("a", wire)
    await clock.advance(1)
    await later.reconcile.once()
    await outlast(later)
    await passes(client, "172.16.1.0")
    const { orphans, wires, missing } = await later.reconcile.audit()
    assert.deepEqual([orphans, missing], [[], []])
    assert.deepEqual(wires, [
      {
        connectionId: "a",
        kind: "veth",
        ends: [
          audited("client", client, "nsm-1", "server-nsc-0", node),
          audited("endpoint", endpoint, "nse-1", "client-nsc-0", node),
        ],
      },
    ])
  })

  it("leaves a wire that is being made, or removes what was there before that", async () => {
    const [node, client, endpoint] = [await namespace(), await namespace(), await namespace()]
    const earlier = forwarder(node)
    const wire = veth(clientEnd(client), endpointEnd(endpoint))
    for (let round = 0; round < 20; round++) {
      const { wires, presence } = round % 2 ? forwarder(node, `fwd-${round}`) : earlier
      const log = silentLog
      const reconcile = new Reconcile({ wires, presence, clock, log, graceMs: 0, intervalMs })
      let isMade = false
      const making = wires.apply(`a-${round}`, wire).finally(() => (isMade = true))
      while (!isMade) await reconcile.once()
      await making
      await reconcile.once()
      await passes(client, "172.16.1.0")
      if (round % 3 === 0) await wires.remove(`a-${round}`)
      presence[Symbol.dispose]()
    }
  })

  it("touches nothing of other nodes, of other forwarders that run, or that is no wire", async () => {
    const [node, other] = [await namespace(), await namespace()]
    const [theirs, neighbours, client] = [await namespace(), await namespace(), await namespace()]
    await forwarder(other).wires.apply("a", veth(clientEnd(theirs), endpointEnd(client)))
    const neighbour = forwarder(node, "neighbour")
    assert.ok(neighbour.presence.claim())
    const [one, two] = [clientEnd(neighbours), endpointEnd(client)]
    await neighbour.wires.apply("b", veth({ ...one, name: "n1" }, { ...two, name: "n2" }))
    await createVethPair(
      { namespace: client, name: "eth0", alias: "somebody's" },
      { namespace: client, name: "eth1", alias: "server-of another implementation" },
    )
    new Links(client).createBridge({ name: "br0" })
    const before = [names(theirs), names(neighbours), names(client)]
    const own = forwarder(node)
    await outlast(own)
    assert.deepEqual([names(theirs), names(neighbours), names(client)], before)
    assert.equal(before[2]?.length, 5)
    await neighbour.die()
    await outlast(own)
    assert.deepEqual([names(theirs), names(neighbours)], [["nsm-1"], []])
  })

  it("removes nothing while another forwarder runs under the same name", async () => {
    const [node, client, endpoint] = [await namespace(), await namespace(), await namespace()]
    const warned: string[] = []
    const log = { ...silentLog, warn: (text: string) => void warned.push(text) }
    const first = forwarder(node)
    await first.wires.apply("a", veth(clientEnd(client), endpointEnd(endpoint)))
    await first.reconcile.once()
    const second = forwarder(node, "fwd", log)
    await outlast(second)
    assert.deepEqual(names(client), ["nsm-1"])
    assert.deepEqual(warned.length, 1)
    await first.die()
    await outlast(second)
    assert.deepEqual(names(client), [])
  })

  it("tells of wires whose interfaces are gone, and not of those whose workload is", async () => {
    const [node, endpoint] = [await namespace(), await namespace()]
    const client = cleanup.use(createNamespace())
    const there = cleanup.use(await workload(client))
    const { wires, reconcile } = forwarder(node)
    await wires.apply("a", veth(clientEnd(there), endpointEnd(endpoint)))
    await new Links(client).delete("nsm-1")
    const why = "the interface has been deleted"
    assert.deepEqual((await reconcile.audit()).missing, [
      { connectionId: "a", side: "client", interface: "nsm-1", why },
      { connectionId: "a", side: "endpoint", interface: "nse-1", why },
    ])
    client[Symbol.dispose]()
    await there[Symbol.asyncDispose]()
    const { missing } = await reconcile.audit()
    assert.deepEqual(
      missing.map(({ side }) => side),
      ["endpoint"],
    )
  })

  it("looks once for all who ask for an audit meanwhile, also when it fails, and again later", async () => {
    const { wires, presence } = forwarder(await namespace())
    let looks = 0
    const interfaces = async () => {
      if (++looks === 1) throw new NsmError("NAMESPACE_NOT_FOUND", "it is gone")
      return []
    }
    const reconcile = new Reconcile({ wires, presence, clock, log: silentLog, interfaces })
    const failed = await Promise.allSettled([reconcile.audit(), reconcile.audit()])
    assert.deepEqual([looks, failed.map(({ status }) => status)], [1, ["rejected", "rejected"]])
    await Promise.all([reconcile.audit(), reconcile.audit(), reconcile.audit()])
    assert.equal(looks, 2)
    await reconcile.audit()
    assert.equal(looks, 3)
  })

  it("looks at once, and then each time that the interval is over", async () => {
    const [node, client, endpoint] = [await namespace(), await namespace(), await namespace()]
    const earlier = forwarder(node)
    await earlier.wires.apply("a", veth(clientEnd(client), endpointEnd(endpoint)))
    await earlier.die()
    let looks = 0
    const { wires, presence } = forwarder(node)
    const interfaces = async () => (looks++, [])
    const stop = new AbortController()
    const reconcile = new Reconcile({ wires, presence, clock, log: silentLog, interfaces })
    const running = reconcile.run(stop.signal)
    for (const expected of [1, 2, 3]) {
      await clock.advance(0)
      assert.equal(looks, expected)
      await clock.advance(intervalMs)
    }
    stop.abort()
    await running
    assert.equal(clock.pending, 0)
  })

  describe("beside it, a wiring that watches", () => {
    it("hears at once of an interface that somebody deletes, and makes it anew when asked", async () => {
      const [node, client, endpoint] = [await namespace(), await namespace(), await namespace()]
      const { wires } = forwarder(node)
      const lost = Promise.withResolvers<LostEnd>()
      using _listening = wires.onLost((one) => lost.resolve(one))
      const stop = new AbortController()
      const watching = wires.watch(stop.signal)
      const wire = veth(clientEnd(client), endpointEnd(endpoint))
      await wires.apply("a", wire)
      await new Links(endpoint).delete("nse-1")
      assert.equal((await lost.promise).connectionId, "a")
      await wires.apply("a", wire)
      await passes(client, "172.16.1.0")
      stop.abort()
      await watching
    })

    it("hears of wires that stood before, and not of those that it removes itself", async () => {
      const [node, client, endpoint] = [await namespace(), await namespace(), await namespace()]
      const { wires } = forwarder(node)
      const [one, two] = [clientEnd(client), endpointEnd(endpoint)]
      await wires.apply("a", veth(one, two))
      await wires.apply(
        "b",
        veth(
          { ...one, name: "nsm-2", alias: "server-b" },
          { ...two, name: "nse-2", alias: "client-b" },
        ),
      )
      const heard: string[] = []
      const lost = Promise.withResolvers<void>()
      using _listening = wires.onLost(({ connectionId }) => {
        heard.push(connectionId)
        if (connectionId === "b") lost.resolve()
      })
      const stop = new AbortController()
      const watching = wires.watch(stop.signal)
      await wires.remove("a")
      await new Links(client).delete("nsm-2")
      await lost.promise
      assert.ok(!heard.includes("a"))
      stop.abort()
      await watching
    })
  })
})

function audited(
  side: "client" | "endpoint",
  { inode }: NetworkNamespace,
  name: string,
  end: string,
  node: NetworkNamespace,
) {
  const alias = `${end} of fwd in net:[${node.inode.ino}]`
  return { side, namespace: inodeUrl(inode), interface: name, alias }
}
