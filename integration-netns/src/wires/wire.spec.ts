import assert from "node:assert/strict"
import { readFileSync } from "node:fs"
import type { Connection } from "@nsm/api"
import { echo, Links, type NetworkNamespace } from "@nsm/sdk-kernel"
import { connectionsAt } from "../lab/connections.ts"
import { Lab, type LabNode } from "../lab/lab.ts"
import { needsPrivilege } from "../lab/privilege.ts"
import { returnedDatagrams } from "./datagrams.ts"

/** Bytes that go before the payload of a datagram: UDP, and IPv4 or IPv6. */
const headers = { 4: 28, 6: 48 } as const
const underlayMtu = 1500

const kinds = [
  // Nothing is in the way of a wire within a node but what the forwarder allows.
  { title: "a wire within a node", client: "node-1", mtu: 9000 },
  // The underlay's less IPv4, UDP, VXLAN and Ethernet with a VLAN tag, as other forwarders count.
  { title: "a wire across nodes", client: "node-2", mtu: underlayMtu - 54 },
] as const

describe("a wire", function () {
  this.timeout(60_000)
  let lab: Lab
  const nodes = new Map<string, LabNode>()
  before(needsPrivilege)
  before(async () => {
    lab = await Lab.up({ mtu: underlayMtu })
    for (const name of ["node-1", "node-2"]) nodes.set(name, await lab.addNode(name))
    await lab.addEndpoint("nse-1", node("node-1"))
    lab.addNetwork("client")
  })
  after(() => lab?.[Symbol.asyncDispose]())

  const node = (name: string): LabNode => {
    const found = nodes.get(name)
    assert.ok(found, name)
    return found
  }

  for (const { title, client, mtu } of kinds) {
    it(`${title} carries full-size packets that may not be fragmented`, async () => {
      await withWire(client, async (connection, namespace) => {
        const link = new Links(namespace).get("nsm-1")
        assert.equal(link.mtu, mtu)
        const fragmented = fragments()
        for (const address of hosts(connection.context?.ipContext?.dstIpAddrs)) {
          const largest = link.mtu - headers[address.includes(":") ? 6 : 4]
          const sizes = [1, largest - 1, largest]
          const back = await returnedDatagrams(namespace, lab.network("nse-1"), address, sizes)
          assert.deepEqual(back, sizes, `datagrams to ${address}`)
        }
        assert.deepEqual(fragments(), fragmented, "packets were fragmented on a node")
      })
    })

    it(`${title} has the granted addresses at both ends, answers echoes, and is gone once closed`, async () => {
      await withWire(client, async (connection, namespace) => {
        const ip = connection.context?.ipContext
        const [sources, destinations] = [hosts(ip?.srcIpAddrs), hosts(ip?.dstIpAddrs)]
        assert.equal(sources.length, 2)
        for (const [index, source] of sources.entries()) {
          const destination = destinations[index] ?? ""
          const there = await echo({ namespace, source, destination, count: 2, intervalMs: 10 })
          assert.equal(there.received, 2, `echoes to ${destination}`)
          const back = { source: destination, destination: source }
          const here = await echo({
            namespace: lab.network("nse-1"),
            ...back,
            count: 2,
            intervalMs: 10,
          })
          assert.equal(here.received, 2, `echoes to ${source}`)
        }
        assert.equal(lab.interfaces("client").length, 1)
        assert.equal(lab.interfaces("nse-1").length, 1)
      })
      assert.deepEqual([lab.interfaces("client"), lab.interfaces("nse-1")], [[], []])
      for (const { manager, forwarder } of nodes.values()) {
        assert.deepEqual(await connectionsAt(manager), 0)
        assert.deepEqual(await connectionsAt(forwarder), 0)
      }
    })
  }

  async function withWire(
    from: string,
    use: (connection: Connection, namespace: NetworkNamespace) => Promise<void>,
  ): Promise<void> {
    const namespace = lab.network("client")
    await using clients = lab.clients(node(from))
    const connection = await clients.request({ id: "nsc-0", namespaceUrl: namespace.url })
    try {
      await use(connection, namespace)
    } finally {
      await clients.close(connection)
    }
  }

  /** How many fragments the nodes have made so far. */
  function fragments(): readonly string[] {
    return [...nodes.values()].map(({ namespace }) =>
      namespace.run(() => {
        const [names = "", values = ""] =
          readFileSync("/proc/net/snmp", "utf8").match(/^Ip: .*$/gm) ?? []
        return values.split(" ")[names.split(" ").indexOf("FragCreates")] ?? "unknown"
      }),
    )
  }
})

function hosts(addresses: readonly string[] = []): readonly string[] {
  return addresses.map((address) => address.split("/")[0] ?? "")
}
