import assert from "node:assert/strict"
import { once } from "node:events"
import type { WireStatus } from "@nsm/cmd-nsc"
import { echo, Links } from "@nsm/sdk-kernel"
import { becomes } from "../lab/becomes.ts"
import { connectionsAt } from "../lab/connections.ts"
import { Lab, type LabNode, type LabWorkload } from "../lab/lab.ts"
import { needsPrivilege } from "../lab/privilege.ts"
import { registerService } from "../lab/register-service.ts"

/** From everybody to a firewall, on to a server. */
const matches = [
  { sourceSelector: { app: "firewall" }, routes: [{ destinationSelector: { app: "server" } }] },
  { routes: [{ destinationSelector: { app: "firewall" } }] },
]
const clientSettings = { NSM_LIVENESS_CHECK_INTERVAL: "200ms", NSM_LIVENESS_CHECK_TIMEOUT: "1s" }

describe("a connection through a pass-through endpoint", function () {
  this.timeout(90_000)
  let lab: Lab
  let nodes: readonly [LabNode, LabNode]
  let client: LabWorkload
  const workloads = new Map<string, LabWorkload>()
  before(needsPrivilege)
  beforeEach(async () => {
    lab = await Lab.up()
    nodes = [await lab.addNode("node-1"), await lab.addNode("node-2")]
    await registerService(lab, nodes[0], { name: "web", matches })
    await addServer("server-1", nodes[1])
    await addFirewall("firewall-1", nodes[0])
    client = lab.addClient("nsc", nodes[0], "kernel://web/nsm-1", { settings: clientSettings })
    await client.process.ready()
    assert.ok(await passes())
  })
  afterEach(() => lab?.[Symbol.asyncDispose]())

  it("goes through another one when that dies, to the same server with the same addresses", async () => {
    const { addresses } = await status()
    await addFirewall("firewall-2", nodes[1])
    await lab.kill(workload("firewall-1"))
    await becomes(isThrough("firewall-2", "server-1"), true)
    await becomes(passes, true)
    assert.deepEqual((await status()).addresses, addresses)
  })

  it("comes back with it when there is no other", async () => {
    const { addresses } = await status()
    await lab.kill(workload("firewall-1"))
    await becomes(passes, false)
    await addFirewall("firewall-2", nodes[1])
    await becomes(isThrough("firewall-2", "server-1"), true, 20_000)
    await becomes(passes, true)
    assert.deepEqual((await status()).addresses, addresses)
  })

  it("goes on to another server when the one at its end dies", async () => {
    await addServer("server-2", nodes[0])
    await lab.kill(workload("server-1"))
    await becomes(isThrough("firewall-1", "server-2"), true)
    await becomes(passes, true)
  })

  it("is not touched when the forwarder restarts that has made both of its wires", async () => {
    const before = { indexes: indexes(), addresses: (await status()).addresses }
    const [{ forwarder }] = nodes
    await forwarder.end()
    assert.ok(await passes())
    await forwarder.start().ready()
    await becomes(() => connectionsAt(forwarder), 2, 20_000)
    await becomes(async () => (await status()).state, "up")
    assert.ok(await passes())
    assert.deepEqual({ indexes: indexes(), addresses: (await status()).addresses }, before)
  })

  it("is not touched when its process restarts: the next one takes over wires and bridge", async () => {
    // Whom it could choose instead.
    for (const name of ["server-0", "server-2"]) await addServer(name, nodes[0])
    const before = { indexes: indexes(), addresses: (await status()).addresses }
    const { process, namespace } = workload("firewall-1")
    // As in a pod: without any process in it, the network is gone for the forwarder.
    const pause = namespace.spawn("setpriv", ["--pdeathsig", "KILL", "sleep", "600"])
    // Twice, so that it would be another server's turn.
    for (let times = 0; times < 2; times++) {
      await process.end()
      assert.ok(await passes())
      await process.start().ready()
      await becomes(() => connectionsAt(process), 1)
      await becomes(async () => (await status()).state, "up")
      assert.ok(await passes())
      assert.ok(await isThrough("firewall-1", "server-1")())
    }
    assert.deepEqual({ indexes: indexes(), addresses: (await status()).addresses }, before)
    await client.process[Symbol.asyncDispose]()
    const left = (): readonly string[] =>
      ["firewall-1", "server-1"].flatMap((at) => lab.interfaces(at))
    await becomes(left, [])
    pause.kill("SIGKILL")
    await once(pause, "exit")
  })

  const provides = (app: string) => ({
    settings: {
      ...{ NSM_SERVICE_NAMES: "web", NSM_LABELS: `app:${app}`, NSM_UNREGISTER_ITSELF: "true" },
    },
  })
  async function addFirewall(name: string, node: LabNode): Promise<void> {
    workloads.set(name, await lab.addPassthrough(name, node, provides("firewall")))
  }
  async function addServer(name: string, node: LabNode): Promise<void> {
    const { settings } = provides("server")
    const added = { settings: { ...settings, NSM_REGISTER_SERVICE: "false" } }
    workloads.set(name, await lab.addEndpoint(name, node, added))
  }
  function workload(name: string): LabWorkload {
    const found = workloads.get(name)
    assert.ok(found, name)
    return found
  }
  async function status(): Promise<WireStatus> {
    const [wire] = JSON.parse(await client.process.page("/connections")) as readonly WireStatus[]
    assert.ok(wire)
    return wire
  }
  function isThrough(...names: readonly string[]): () => Promise<boolean> {
    return async () => {
      const { path } = await status()
      return names.every((name) => path.includes(name))
    }
  }
  async function passes(): Promise<boolean> {
    const { addresses } = await status()
    const results = await Promise.all(
      addresses.endpoint.map((address) => {
        const [destination = ""] = address.split("/")
        return echo({ namespace: client.namespace, destination, timeoutMs: 500 })
      }),
    )
    return results.length === 2 && results.every(({ received }) => received === 1)
  }
  /** Which interfaces client and pass-through endpoint have: others would be other ones. */
  function indexes(): readonly string[] {
    return [client, workload("firewall-1")].flatMap(({ namespace }) =>
      new Links(namespace).list().map(({ name, index }) => `${name} ${index}`),
    )
  }
})
