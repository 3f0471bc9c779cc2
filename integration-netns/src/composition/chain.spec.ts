import assert from "node:assert/strict"
import type { Connection } from "@nsm/api"
import { echo, type EchoResult, Links } from "@nsm/sdk-kernel"
import { becomes } from "../lab/becomes.ts"
import { connectionsAt } from "../lab/connections.ts"
import { Lab, type LabNode, type LabWorkload } from "../lab/lab.ts"
import { needsPrivilege } from "../lab/privilege.ts"
import { assertRefused } from "../lab/refusal.ts"
import { registerService } from "../lab/register-service.ts"
import { returnedDatagrams } from "../wires/datagrams.ts"

const links = ["nse-firewall", "nse-scanner"] as const

/** From everybody to the firewall, on to the scanner, on to the server. */
const matches = [
  to("scanner", { from: "firewall" }),
  to("server", { from: "scanner" }),
  to("firewall"),
]

describe("a chain of two pass-through endpoints", function () {
  this.timeout(60_000)
  let lab: Lab
  let nodes: readonly [LabNode, LabNode]
  let passing: readonly LabWorkload[]
  before(needsPrivilege)
  before(async () => {
    lab = await Lab.up()
    nodes = [await lab.addNode("node-1"), await lab.addNode("node-2")]
    await registerService(lab, nodes[0], { name: "web", matches })
    await registerService(lab, nodes[0], { name: "round", matches: [to("firewall")] })
    const provides = (app: string, services = "web") => ({
      settings: { NSM_SERVICE_NAMES: services, NSM_LABELS: `app:${app}` },
    })
    passing = [
      await lab.addPassthrough("nse-firewall", nodes[0], provides("firewall", "web,round")),
      await lab.addPassthrough("nse-scanner", nodes[1], provides("scanner")),
    ]
    const server = provides("server")
    await lab.addEndpoint("nse-server", nodes[1], {
      settings: { ...server.settings, NSM_REGISTER_SERVICE: "false" },
    })
    lab.addNetwork("client")
  })
  after(() => lab?.[Symbol.asyncDispose]())

  const clientFrom = ["node-1", "node-2"] as const
  for (const [at, from] of clientFrom.entries()) {
    it(`joins a client on ${from} to the endpoint at its end, through both`, async () => {
      await withWire(at, async (connection) => {
        const hops = connection.path?.pathSegments.map(({ name }) => name) ?? []
        const passed = hops.filter((name) => name.startsWith("nse-"))
        assert.deepEqual(passed, [...links, "nse-server"], hops.join(" → "))
        assert.deepEqual({ ...connection.labels }, { app: "client", nodeName: from })
        assert.equal(connection.networkServiceEndpointName, "nse-firewall")
        for (const [there, back] of await echoes(connection)) {
          assert.equal(there.received, 3, there.failure?.message)
          assert.equal(back.received, 3, back.failure?.message)
        }
      })
    })
  }

  it("sends every packet through both of their namespaces, under no address of theirs", async () => {
    await withWire(0, async (connection) => {
      await echoes(connection)
      const before = links.map(packets)
      const count = 20
      const [destination = ""] = hosts(connection.context?.ipContext?.dstIpAddrs)
      const namespace = lab.network("client")
      const { received } = await echo({ namespace, destination, count, intervalMs: 1 })
      assert.equal(received, count)
      for (const [index, link] of links.entries()) {
        const [inward = 0, outward = 0] = packets(link).map(
          (now, port) => now - (before[index]?.[port] ?? 0),
        )
        assert.ok(inward >= count && outward >= count, `${link} saw ${inward} and ${outward}`)
      }
    })
  })

  it("carries full-size packets that may not be fragmented, whichever stretch is the narrowest", async () => {
    for (const at of [0, 1]) {
      await withWire(at, async (connection) => {
        const { mtu } = new Links(lab.network("client")).get("nsm-1")
        assert.ok(mtu < 1500, `${mtu}`)
        const [destination = ""] = hosts(connection.context?.ipContext?.dstIpAddrs)
        const sizes = [1, mtu - 29, mtu - 28]
        const [from, to] = [lab.network("client"), lab.network("nse-server")]
        assert.deepEqual(await returnedDatagrams(from, to, destination, sizes), sizes)
        const mtus = links.flatMap((link) => ports(link).map((port) => port.mtu))
        assert.deepEqual([...new Set(mtus)], [mtu])
      })
    }
  })

  it("keeps many connections apart", async () => {
    await using clients = lab.clients(nodes[0])
    const names = ["client-a", "client-b", "client-c"]
    const connections = await Promise.all(
      names.map((name) => {
        const namespaceUrl = lab.addNetwork(name).url
        return clients.request({ id: name, service: "web", namespaceUrl })
      }),
    )
    for (const [index, connection] of connections.entries()) {
      const [destination = ""] = hosts(connection.context?.ipContext?.dstIpAddrs)
      const namespace = lab.network(names[index] ?? "")
      const { received } = await echo({ namespace, destination, count: 2, intervalMs: 10 })
      assert.equal(received, 2)
    }
    await Promise.all(connections.map((connection) => clients.close(connection)))
    await nothingLeft()
  })

  it("holds nothing of connections that are over", async () => {
    await using clients = lab.clients(nodes[0])
    const { url: namespaceUrl } = lab.network("client")
    const cycle = async (id: string): Promise<void> => {
      await clients.close(await clients.request({ id, service: "web", namespaceUrl }))
    }
    const held = (): readonly number[] => passing.map(({ process }) => process.descriptors)
    for (let warm = 0; warm < 3; warm++) await cycle(`warm-${warm}`)
    const before = held()
    for (let times = 0; times < 20; times++) await cycle(`cycle-${times}`)
    await becomes(() => held().every((count, at) => count <= (before[at] ?? 0)), true)
    await nothingLeft()
  })

  it("refuses match rules that lead round in a circle, and says how they led", async () => {
    await using clients = lab.clients(nodes[0])
    const { url: namespaceUrl } = lab.network("client")
    await assertRefused(clients.request({ id: "round", service: "round", namespaceUrl }), {
      reason: "COMPOSITION_CIRCULAR",
      hop: "nse-firewall",
      text: /network service round lead back to nse-firewall/,
    })
    await nothingLeft()
  })

  async function withWire(
    at: number,
    use: (connection: Connection) => Promise<void>,
  ): Promise<void> {
    const node = nodes[at]
    assert.ok(node)
    await using clients = lab.clients(node)
    const { url: namespaceUrl } = lab.network("client")
    const labels = { app: "client" }
    const connection = await clients.request({
      id: `c-${at}`,
      service: "web",
      labels,
      namespaceUrl,
    })
    try {
      await use(connection)
    } finally {
      await clients.close(connection)
    }
    await nothingLeft()
  }

  /** Echoes from the client and from the server, for each pair of addresses. */
  function echoes({
    context,
  }: Connection): Promise<readonly (readonly [EchoResult, EchoResult])[]> {
    const [sources, destinations] = [
      hosts(context?.ipContext?.srcIpAddrs),
      hosts(context?.ipContext?.dstIpAddrs),
    ]
    assert.equal(sources.length, 2, "IPv4 and IPv6")
    const from = (name: string, source = "", destination = ""): Promise<EchoResult> =>
      echo({ namespace: lab.network(name), source, destination, count: 3, intervalMs: 10 })
    return Promise.all(
      sources.map((source, index) =>
        Promise.all([
          from("client", source, destinations[index]),
          from("nse-server", destinations[index], source),
        ]),
      ),
    )
  }

  function ports(link: string) {
    return new Links(lab.network(link)).list().filter(({ bridge }) => bridge !== undefined)
  }

  /** How many packets have come into each port of a link of the chain. */
  function packets(link: string): readonly number[] {
    const all = new Links(lab.network(link))
    return ports(link).map(({ index }) => Number(all.statistics(index).receivedPackets))
  }

  async function nothingLeft(): Promise<void> {
    const networks = ["client", ...links, "nse-server"]
    await becomes(() => networks.flatMap((name) => lab.interfaces(name)), [])
    for (const { manager, forwarder } of nodes) {
      await becomes(() => connectionsAt(manager), 0)
      await becomes(() => connectionsAt(forwarder), 0)
    }
  }
})

function to(app: string, { from }: { readonly from?: string } = {}) {
  return {
    ...(from !== undefined && { sourceSelector: { app: from } }),
    routes: [{ destinationSelector: { app } }],
  }
}

function hosts(addresses: readonly string[] = []): readonly string[] {
  return addresses.map((address) => address.split("/")[0] ?? "")
}
