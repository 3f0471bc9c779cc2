import assert from "node:assert/strict"
import { execFileSync } from "node:child_process"
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { setImmediate } from "node:timers/promises"
import { NsmError } from "@nsm/sdk"
import { createVethPair } from "../interfaces/veth-pair.ts"
import { Links } from "../links/links.ts"
import { createNamespace } from "../namespace/create-namespace.ts"
import { inodeUrl } from "../namespace/namespace-url.ts"
import type { NetworkNamespace } from "../namespace/network-namespace.ts"
import { openNamespace } from "../namespace/open-namespace.ts"
import { kernelSuite } from "../testing/kernel-suite.ts"
import {
  clientEnd,
  endpointEnd,
  indexesOf,
  joined,
  names,
  state,
  underlay6,
  veth,
  vxlan,
} from "../testing/wires.ts"
import { passes, workload } from "../testing/workloads.ts"
import { macOf } from "./identity.ts"
import type { WireEnd } from "./wire.ts"
import { Wiring, type WiringEvent } from "./wiring.ts"

describe("Wiring", function () {
  this.timeout(20_000)
  const cleanup = kernelSuite()

  const namespace = (): NetworkNamespace => cleanup.use(createNamespace())

  describe("between two workloads of one node", () => {
    it("joins them with addresses, routes, MTU and aliases of their own, and traffic passes", async () => {
      const [client, endpoint] = [namespace(), namespace()]
      const wiring = cleanup.use(new Wiring({ node: namespace() }))
      await wiring.apply("a", veth(clientEnd(client), endpointEnd(endpoint)))
      assert.deepEqual(state(client), {
        links: [
          {
            name: "nsm-1",
            alias: "server-nsc-0",
            mtu: 1446,
            mac: macOf("server-nsc-0"),
            isUp: true,
          },
        ],
        addresses: ["172.16.1.1/32", "2001:db8::1/128"],
        routes: [
          "172.16.1.0/32",
          "192.168.0.0/16 via 172.16.1.0",
          "2001:db8::/128",
          "2001:db8::1/128",
        ],
        neighbours: [],
      })
      assert.deepEqual(state(endpoint), {
        links: [
          {
            name: "nse-1",
            alias: "client-nsc-0",
            mtu: 1446,
            mac: macOf("client-nsc-0"),
            isUp: true,
          },
        ],
        addresses: ["172.16.1.0/32", "2001:db8::/128"],
        routes: ["172.16.1.1/32", "2001:db8::/128", "2001:db8::1/128"],
        neighbours: [],
      })
      await passes(client, "172.16.1.0")
      await passes(client, "2001:db8::")
      await passes(endpoint, "172.16.1.1")
    })

    it("touches nothing when nothing has changed", async () => {
      const [client, endpoint] = [namespace(), namespace()]
      const events: WiringEvent[] = []
      const wiring = cleanup.use(
        new Wiring({ node: namespace(), onEvent: (event) => void events.push(event) }),
      )
      await wiring.apply("a", veth(clientEnd(client), endpointEnd(endpoint)))
      const [before, indexes] = [state(client), indexesOf(client)]
      await wiring.apply("a", veth(clientEnd(client), endpointEnd(endpoint)))
      assert.deepEqual([state(client), indexesOf(client)], [before, indexes])
      assert.deepEqual(
        events.map(({ action, kind }) => [action, kind]),
        [["made", "veth"]],
      )
    })

    it("changes addresses, routes, neighbours and MTU in place", async () => {
      const [client, endpoint] = [namespace(), namespace()]
      const wiring = cleanup.use(new Wiring({ node: namespace() }))
      await wiring.apply("a", veth(clientEnd(client), endpointEnd(endpoint)))
      const indexes = indexesOf(client)
      const change: Partial<WireEnd> = {
        mtu: 1400,
        addresses: ["10.0.0.2/24", "2001:db8::1/128"],
        routes: [{ prefix: "192.168.7.0/24", gateway: "10.0.0.1" }, { prefix: "2001:db8::/128" }],
        neighbours: [{ ip: "10.0.0.1", mac: "02:00:00:00:00:09" }],
      }
      await wiring.apply("a", veth(clientEnd(client, change), endpointEnd(endpoint)))
      assert.deepEqual(indexesOf(client), indexes)
      const changed = state(client)
      assert.deepEqual(changed, {
        links: [
          {
            name: "nsm-1",
            alias: "server-nsc-0",
            mtu: 1400,
            mac: macOf("server-nsc-0"),
            isUp: true,
          },
        ],
        addresses: ["10.0.0.2/24", "2001:db8::1/128"],
        routes: ["10.0.0.0/24", "192.168.7.0/24 via 10.0.0.1", "2001:db8::/128", "2001:db8::1/128"],
        neighbours: ["10.0.0.1 02:00:00:00:00:09"],
      })
    })

    it("goes back to what was when a change is refused half-way", async () => {
      const [client, endpoint] = [namespace(), namespace()]
      const wiring = cleanup.use(new Wiring({ node: namespace() }))
      await wiring.apply("a", veth(clientEnd(client), endpointEnd(endpoint)))
      const before = [state(client), state(endpoint)]
      const refused = veth(
        clientEnd(client, {
          mtu: 1300,
          addresses: ["10.0.0.2/24"],
          routes: [{ prefix: "10.5.0.0/16" }],
        }),
        // nobody is their own gateway
        endpointEnd(endpoint, {
          mtu: 1300,
          routes: [{ prefix: "10.5.0.0/16", gateway: "172.16.1.0" }],
        }),
      )
      await assert.rejects(wiring.apply("a", refused), /KERNEL_REFUSED.*10\.5/s)
      assert.deepEqual([state(client), state(endpoint)], before)
      await wiring.apply("a", veth(clientEnd(client), endpointEnd(endpoint)))
      await passes(client, "172.16.1.0")
    })

    it("makes the wire anew when somebody removed the interface", async () => {
      const [client, endpoint] = [namespace(), namespace()]
      const wiring = cleanup.use(new Wiring({ node: namespace() }))
      await wiring.apply("a", veth(clientEnd(client), endpointEnd(endpoint)))
      await new Links(client).delete("nsm-1")
      await wiring.apply("a", veth(clientEnd(client), endpointEnd(endpoint)))
      await passes(client, "172.16.1.0")
    })

    it("moves a wire to another endpoint", async () => {
      const [client, one, other] = [namespace(), namespace(), namespace()]
      const wiring = cleanup.use(new Wiring({ node: namespace() }))
      await wiring.apply("a", veth(clientEnd(client), endpointEnd(one)))
      await wiring.apply("a", veth(clientEnd(client), endpointEnd(other)))
      assert.deepEqual(names(one), [])
      await passes(client, "172.16.1.0")
    })

    it("leaves nothing behind when it is removed, and takes a second removal", async () => {
      const [client, endpoint] = [namespace(), namespace()]
      const wiring = cleanup.use(new Wiring({ node: namespace() }))
      await wiring.apply("a", veth(clientEnd(client), endpointEnd(endpoint)))
      await wiring.remove("a")
      await wiring.remove("a")
      assert.deepEqual([names(client), names(endpoint), wiring.size], [[], [], 0])
    })

    it("takes what the kernel does not remove for nobody's, so that it is removed later", async () => {
      const [client, endpoint] = [namespace(), namespace()]
      const wiring = cleanup.use(new Wiring({ node: namespace() }))
      await wiring.apply("a", veth(clientEnd(client), endpointEnd(endpoint)))
      const remove = Reflect.get(Links.prototype, "delete")
      try {
        Links.prototype.delete = () => Promise.reject(new NsmError("KERNEL_REFUSED", "not now"))
        await assert.rejects(wiring.remove("a"), { reason: "KERNEL_REFUSED" })
      } finally {
        Links.prototype.delete = remove
      }
      const { index } = new Links(client).get("nsm-1")
      assert.equal(wiring.isStanding({ inode: client.inode, index }), false)
    })

    it("refuses a name that is taken at either end and leaves nothing behind", async () => {
      for (const taken of ["nsm-1", "nse-1"]) {
        const [client, endpoint] = [namespace(), namespace()]
        const owner = taken === "nsm-1" ? client : endpoint
        new Links(owner).createBridge({ name: taken })
        const wiring = cleanup.use(new Wiring({ node: namespace() }))
        await assert.rejects(
          wiring.apply("a", veth(clientEnd(client), endpointEnd(endpoint))),
          (error: unknown) =>
            error instanceof NsmError &&
            error.reason === "INTERFACE_NAME_TAKEN" &&
            error.text.includes(taken),
        )
        assert.deepEqual([...names(client), ...names(endpoint)], [taken])
      }
    })

    it("leaves nothing behind when it fails in the middle", async () => {
      const [client, endpoint] = [namespace(), namespace()]
      const wiring = cleanup.use(new Wiring({ node: namespace() }))
      const impossible = veth(clientEnd(client), endpointEnd(endpoint, { mtu: 68 }))
      await assert.rejects(wiring.apply("a", impossible), NsmError)
      assert.deepEqual([names(client), names(endpoint), wiring.size], [[], [], 0])
    })

    it("refuses a namespace that leads nowhere and leaves nothing behind", async () => {
      const client = namespace()
      const wiring = cleanup.use(new Wiring({ node: namespace() }))
      const wire = veth(clientEnd(client), endpointEnd({ url: "file:///proc/1/no-such-namespace" }))
      await assert.rejects(wiring.apply("a", wire), /NAMESPACE_NOT_FOUND/)
      assert.deepEqual(names(client), [])
    })

    it("replaces what an earlier forwarder left, whatever its name", async () => {
      const [client, endpoint, elsewhere] = [namespace(), namespace(), namespace()]
      await createVethPair(
        { namespace: client, name: "old-name", alias: "server-nsc-0" },
        { namespace: elsewhere, name: "e0" },
      )
      await createVethPair(
        { namespace: endpoint, name: "nse-1", alias: "client-nsc-0" },
        { namespace: elsewhere, name: "e1" },
      )
      const wiring = cleanup.use(new Wiring({ node: namespace() }))
      await wiring.apply("a", veth(clientEnd(client), endpointEnd(endpoint)))
      assert.deepEqual(
        [names(client), names(endpoint), names(elsewhere)],
        [["nsm-1"], ["nse-1"], []],
      )
    })

    it("replaces what another forwarder left since the namespace was first met", async () => {
      const [client, endpoint, elsewhere] = [namespace(), namespace(), namespace()]
      const wiring = cleanup.use(new Wiring({ node: namespace() }))
      const [own, other] = [clientEnd(client), endpointEnd(endpoint)]
      const first = veth(
        { ...own, name: "nsm-0", alias: "server-0" },
        { ...other, name: "nse-0", alias: "client-0" },
      )
      await wiring.apply("first", first)
      await createVethPair(
        { namespace: client, name: "nsm-1", alias: "server-nsc-0" },
        { namespace: elsewhere, name: "e0" },
      )
      await wiring.apply("second", veth(own, other))
      assert.deepEqual([names(client), names(elsewhere)], [["nsm-0", "nsm-1"], []])
    })

    it("does not remove an interface that a later request took over", async () => {
      const [client, endpoint] = [namespace(), namespace()]
      const wiring = cleanup.use(new Wiring({ node: namespace() }))
      await wiring.apply("first", veth(clientEnd(client), endpointEnd(endpoint)))
      await wiring.apply("second", veth(clientEnd(client), endpointEnd(endpoint)))
      await wiring.remove("first")
      await passes(client, "172.16.1.0")
      await wiring.remove("second")
      assert.deepEqual([names(client), names(endpoint)], [[], []])
    })

    it("switches IPv6 on for the interface where it is off for new ones", async () => {
      const [client, endpoint] = [namespace(), namespace()]
      client.run(() => writeFileSync("/proc/sys/net/ipv6/conf/default/disable_ipv6", "1"))
      const wiring = cleanup.use(new Wiring({ node: namespace() }))
      await wiring.apply("a", veth(clientEnd(client), endpointEnd(endpoint)))
      await passes(client, "2001:db8::")
    })
  })

  describe("over a tunnel between two nodes", () => {
    it("joins workloads through both nodes, and traffic passes", async () => {
      const { nodes, wirings } = await wiredNodes()
      const [client, endpoint] = [namespace(), namespace()]
      await wirings[0].apply("a", vxlan(clientEnd(client)))
      await wirings[1].apply("b", vxlan(endpointEnd(endpoint)))
      assert.deepEqual([names(client), names(endpoint)], [["nsm-1"], ["nse-1"]])
      assert.deepEqual(nodes.map(names), [["eth0"], ["eth0"]])
      await passes(client, "172.16.1.0")
      await passes(client, "2001:db8::")
      await wirings[0].apply("a", vxlan(clientEnd(client, { mtu: 1400 })))
      await passes(client, "172.16.1.0")
    })

    it("goes over IPv6 too", async () => {
      const { wirings } = await wiredNodes()
      const [client, endpoint] = [namespace(), namespace()]
      await wirings[0].apply("a", vxlan(clientEnd(client), 77, underlay6))
      await wirings[1].apply("b", vxlan(endpointEnd(endpoint), 77, underlay6))
      await passes(client, "172.16.1.0")
    })

    it("leaves nothing behind when it is removed", async () => {
      const { nodes, wirings } = await wiredNodes()
      const [client, endpoint] = [namespace(), namespace()]
      await wirings[0].apply("a", vxlan(clientEnd(client)))
      await wirings[1].apply("b", vxlan(endpointEnd(endpoint)))
      await Promise.all([wirings[0].remove("a"), wirings[1].remove("b")])
      assert.deepEqual([names(client), names(endpoint)], [[], []])
      assert.deepEqual(nodes.map(names), [["eth0"], ["eth0"]])
      // the identifier is free again
      await wirings[0].apply("c", vxlan(clientEnd(client)))
    })

    it("knows the identifiers that are in use", async () => {
      const { wirings } = await wiredNodes()
      await wirings[0].apply("a", vxlan(clientEnd(namespace())))
      assert.deepEqual(
        [wirings[0].hasVni(77), wirings[0].hasVni(77, "a"), wirings[0].hasVni(78)],
        [true, false, false],
      )
    })

    it("refuses an identifier that the node uses already, and leaves nothing behind", async () => {
      const { wirings } = await wiredNodes()
      const [client, other] = [namespace(), namespace()]
      await wirings[0].apply("a", vxlan(clientEnd(client)))
      await assert.rejects(wirings[0].apply("b", vxlan(clientEnd(other))), /KERNEL_REFUSED.*nsm-1/s)
      assert.deepEqual([names(other), wirings[0].size], [[], 1])
    })

    it("moves a wire to another tunnel", async () => {
      const { wirings } = await wiredNodes()
      const [client, endpoint] = [namespace(), namespace()]
      await wirings[0].apply("a", vxlan(clientEnd(client)))
      await wirings[0].apply("a", vxlan(clientEnd(client), 79))
      await wirings[1].apply("b", vxlan(endpointEnd(endpoint), 79))
      await passes(client, "172.16.1.0")
    })
  })

  describe("when a workload's namespace goes", () => {
    it("lets it go, notices, and removes the rest", async () => {
      const endpoint = namespace()
      const wiring = cleanup.use(new Wiring({ node: namespace() }))
      const client = cleanup.use(await workload())
      const wired = await wiring.apply("a", veth(clientEnd(client), endpointEnd(endpoint)))
      assert.ok(wired.every((one) => wiring.isThere(one)))
      await client[Symbol.asyncDispose]()
      assert.deepEqual(
        wired.map((one) => wiring.isThere(one)),
        [false, true],
      )
      await wiring.remove("a")
      assert.deepEqual([names(endpoint), wiring.size], [[], 0])
    })

    it("removes its interface from a namespace that outlives the process it was named by", async () => {
      const { wirings } = await wiredNodes()
      const client = namespace()
      const first = cleanup.use(await workload(client))
      await wirings[0].apply("a", vxlan(clientEnd(first)))
      cleanup.use(await workload(client))
      await first[Symbol.asyncDispose]()
      await wirings[0].remove("a")
      assert.deepEqual(names(client), [])
    })

    it("removes its interface from a namespace that is only mounted any more", async () => {
      const { wirings } = await wiredNodes()
      const client = namespace()
      const first = cleanup.use(await workload(client))
      await wirings[0].apply("a", vxlan(clientEnd(first)))
      cleanup.use(mounted(client))
      await first[Symbol.asyncDispose]()
      await wirings[0].remove("a")
      assert.deepEqual(names(client), [])
    })

    it("finds a workload by the inode of its namespace", async () => {
      const [client, endpoint] = [namespace(), namespace()]
      cleanup.use(await workload(client))
      const wiring = cleanup.use(new Wiring({ node: namespace() }))
      const byInode = { url: inodeUrl(client.inode) }
      await wiring.apply("a", veth(clientEnd(byInode), endpointEnd(endpoint)))
      await passes(client, "172.16.1.0")
    })
  })

  it("holds no descriptor of a workload's namespace between calls", async () => {
    const [client, endpoint] = [namespace(), namespace()]
    const wiring = cleanup.use(new Wiring({ node: namespace() }))
    const wire = veth(clientEnd(client), endpointEnd(endpoint))
    const cycle = async (): Promise<void> => {
      await wiring.apply("a", wire)
      await wiring.apply("a", wire)
      await wiring.remove("a")
    }
    await cycle()
    const before = readdirSync("/proc/self/fd").length
    for (let round = 0; round < 10; round++) await cycle()
    assert.equal(readdirSync("/proc/self/fd").length, before)
  })

  it("removes all wires when it ends, and makes no more", async () => {
    const [client, endpoint] = [namespace(), namespace()]
    const wiring = new Wiring({ node: createNamespace() })
    const [one, two] = [clientEnd(client), endpointEnd(endpoint)]
    await wiring.apply("a", veth(one, two))
    await wiring.apply(
      "b",
      veth(
        { ...one, name: "nsm-2", alias: "server-b" },
        { ...two, name: "nse-2", alias: "client-b" },
      ),
    )
    await wiring[Symbol.asyncDispose]()
    assert.deepEqual([names(client), names(endpoint)], [[], []])
    await assert.rejects(wiring.apply("c", veth(one, two)), /SHUTTING_DOWN/)
  })

  it("ends when what is under way has come to its end, and removes that too", async () => {
    const [client, endpoint] = [namespace(), namespace()]
    for (let turns = 0; turns < 6; turns++) {
      const wiring = new Wiring({ node: createNamespace() })
      const making = wiring.apply("a", veth(clientEnd(client), endpointEnd(endpoint)))
      const outcome = making.then(
        () => "made",
        (failure: unknown) => NsmError.from(failure).reason,
      )
      for (let turn = 0; turn < turns; turn++) await setImmediate()
      await wiring[Symbol.asyncDispose]()
      assert.ok(["made", "SHUTTING_DOWN"].includes(await outcome), await outcome)
      assert.deepEqual([names(client), names(endpoint)], [[], []])
    }
  })

  async function wiredNodes(): Promise<{ nodes: NetworkNamespace[]; wirings: [Wiring, Wiring] }> {
    const [one, two] = [namespace(), namespace()]
    await joined(one, two)
    // a wiring takes its node over, the test keeps its own handle to look into it
    const wirings: [Wiring, Wiring] = [
      cleanup.use(new Wiring({ node: openNamespace(one.url) })),
      cleanup.use(new Wiring({ node: openNamespace(two.url) })),
    ]
    return { nodes: [one, two], wirings }
  }
})

/** Keeps a namespace by a mount, as `ip netns` does. */
function mounted({ fd }: NetworkNamespace): Disposable {
  const path = join(mkdtempSync(join(tmpdir(), "nsm-")), "a namespace")
  writeFileSync(path, "")
  execFileSync("mount", ["--bind", `/proc/${process.pid}/fd/${fd}`, path])
  return {
    [Symbol.dispose]() {
      execFileSync("umount", [path])
      rmSync(dirname(path), { recursive: true })
    },
  }
}
