import assert from "node:assert/strict"
import type { Connection } from "@nsm/api"
import type { WireStatus } from "@nsm/cmd-nsc"
import { echo } from "@nsm/sdk-kernel"
import { becomes } from "../lab/becomes.ts"
import type { Clients } from "../lab/clients.ts"
import { Lab, type LabNode, type LabWorkload } from "../lab/lab.ts"
import { needsPrivilege } from "../lab/privilege.ts"
import { programFile } from "../lab/programs.ts"
import { assertRefused } from "../lab/refusal.ts"
import { registeredEndpoints } from "../lab/registered-endpoints.ts"
import { registerService } from "../lab/register-service.ts"

/** To an endpoint, if there is one; else to who starts one. */
const matches = [
  { fallthrough: true, routes: [{ destinationSelector: { app: "web" } }] },
  { routes: [{ destinationSelector: { app: "supplier" } }] },
]

describe("an endpoint that exists only on demand", function () {
  this.timeout(60_000)
  let lab: Lab
  let nodes: readonly [LabNode, LabNode]
  let supplier: LabWorkload
  before(needsPrivilege)
  before(async () => {
    lab = await Lab.up()
    nodes = [await lab.addNode("node-1"), await lab.addNode("node-2")]
    for (const name of ["web", "broken"]) await registerService(lab, nodes[0], { name, matches })
    const settings = [
      "NSM_LABELS=app:web NSM_IDLE_TIMEOUT=2s NSM_HTTP_LISTEN_ON=",
      "NSM_CIDR_PREFIX=172.16.0.0/24,fd00:172:16::/64",
    ].join(" ")
    const program = `"${process.execPath}" "${programFile("cmd-nse-icmp-responder")}"`
    supplier = await lab.addSupplier("supplier", nodes[0], `${settings} exec ${program}`, {
      settings: { NSM_SERVICE_NAMES: "web", NSM_LABELS: "app:supplier" },
    })
    await lab.addSupplier("supplier-broken", nodes[0], "exit 3", {
      settings: { NSM_SERVICE_NAMES: "broken", NSM_LABELS: "app:supplier" },
    })
    lab.addNetwork("client")
  })
  after(() => lab?.[Symbol.asyncDispose]())

  it("comes with the first request, goes when nobody uses it, and comes again", async () => {
    await using clients = lab.clients(nodes[0])
    const names: string[] = []
    for (const id of ["first", "second"]) {
      const connection = await request(clients, id)
      assert.ok(await passes(connection))
      names.push(connection.networkServiceEndpointName)
      await clients.close(connection)
      await becomes(providers, [])
    }
    assert.match(names.join(" "), /^supplier-[0-9a-f]{8} supplier-[0-9a-f]{8}$/)
    assert.equal(new Set(names).size, 2)
  })

  it("comes also for clients on other nodes", async () => {
    await using clients = lab.clients(nodes[1])
    const connection = await request(clients, "afar")
    assert.ok(await passes(connection))
    await clients.close(connection)
    await becomes(providers, [])
  })

  it("stays as long as a connection does, and is one for all who come meanwhile", async () => {
    await using clients = lab.clients(nodes[0])
    const ids = ["a", "b", "c"]
    const connections = await Promise.all(ids.map((id) => request(clients, id, `nsm-${id}`)))
    const names = new Set(connections.map((connection) => connection.networkServiceEndpointName))
    assert.equal(names.size, 1)
    assert.deepEqual(await providers(), [...names])
    await Promise.all(connections.slice(1).map((connection) => clients.close(connection)))
    const [last] = connections
    assert.ok(last)
    // Longer than its idle time.
    const namespace = lab.network("client")
    const [destination = ""] = addresses(last)
    const { received } = await echo({ namespace, destination, count: 26, intervalMs: 100 })
    assert.equal(received, 26)
    await clients.close(last)
    await becomes(providers, [])
  })

  it("comes back under its name when it crashes, to the clients that it had", async () => {
    const settings = { NSM_LIVENESS_CHECK_INTERVAL: "200ms" }
    const nsc = lab.addClient("nsc", nodes[0], "kernel://web/nsm-1", { settings })
    await nsc.process.ready()
    const status = async (): Promise<WireStatus> => {
      const [wire] = JSON.parse(await nsc.process.page("/connections")) as readonly WireStatus[]
      assert.ok(wire)
      return wire
    }
    const before = await status()
    const pids = (): readonly number[] =>
      [...supplier.process.log.matchAll(/^.*"msg":"starting".*$/gm)]
        .map(([line]) => JSON.parse(line) as { readonly name: string; readonly pid: number })
        .filter(({ name }) => name === before.endpoint)
        .map(({ pid }) => pid)
    const [first] = pids()
    assert.ok(first !== undefined)
    process.kill(first, "SIGKILL")
    await becomes(() => pids().length, 2)
    await nsc.process.logged(/connection has healed/)
    assert.deepEqual(await status(), before)
    await nsc.process[Symbol.asyncDispose]()
    await becomes(providers, [])
  })

  it("is told to be missing, and why, where it cannot be started", async () => {
    await using clients = lab.clients(nodes[0])
    await assertRefused(request(clients, "x", "nsm-x", "broken"), {
      reason: "ENDPOINT_START_FAILED",
      hop: "supplier-broken",
      text: /command ended with 3 before an endpoint registered/,
    })
  })

  it("ends with its supplier", async () => {
    await using clients = lab.clients(nodes[0])
    const connection = await request(clients, "last")
    await supplier.process[Symbol.asyncDispose]()
    assert.deepEqual(await providers(), [])
    // That the endpoint cannot be told is a failure, unless its forwarder has noticed before.
    await clients.close(connection).catch(() => {})
    await becomes(() => lab.interfaces("client"), [])
  })

  function request(
    clients: Clients,
    id: string,
    interfaceName = "nsm-1",
    service = "web",
  ): Promise<Connection> {
    const { url: namespaceUrl } = lab.network("client")
    return clients.request({ id, service, namespaceUrl, interfaceName })
  }

  async function passes(connection: Connection): Promise<boolean> {
    const namespace = lab.network("client")
    const results = await Promise.all(
      addresses(connection).map((destination) => echo({ namespace, destination })),
    )
    return results.length === 2 && results.every(({ received }) => received === 1)
  }

  /** Who is registered beside suppliers and forwarders. */
  async function providers(): Promise<readonly string[]> {
    const names = Object.keys(await registeredEndpoints(lab, nodes[0]))
    return names.filter((name) => !/^(supplier(-broken)?|forwarder-.*)$/.test(name))
  }
})

function addresses({ context }: Connection): readonly string[] {
  return (context?.ipContext?.dstIpAddrs ?? []).map((address) => address.split("/")[0] ?? "")
}
