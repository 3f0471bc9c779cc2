import assert from "node:assert/strict"
import { execFile } from "node:child_process"
import { readFile } from "node:fs/promises"
import { promisify } from "node:util"
import { type Connection, State } from "@nsm/api"
import { NsmError, rootCause } from "../../core/errors.ts"
import type { DomainClientOptions } from "./client.ts"
import { startDomain, type Domain } from "./domain.ts"

const hops = ({ path }: Connection) => path?.pathSegments.map(({ name }) => name)

describe("a domain", () => {
  let domain: Domain
  beforeEach(async () => {
    domain = await startDomain()
  })
  afterEach(async () => {
    await domain[Symbol.asyncDispose]()
    assert.equal(domain.clock.pending, 0, "timers are left")
  })

  it("joins a client and an endpoint of one node", async () => {
    const node = await domain.node("here")
    const endpoint = await node.endpoint("echo-1", { service: "echo", cidrs: "10.0.0.0/24" })
    const granted = await node.client("client-1").request("echo")
    assert.deepEqual(hops(granted), ["client-1", "here-manager", "here-forwarder", "echo-1"])
    assert.equal(granted.networkServiceEndpointName, "echo-1")
    assert.equal(granted.mechanism?.type, "KERNEL")
    assert.deepEqual(granted.context?.ipContext?.srcIpAddrs, ["10.0.0.1/32"])
    assert.equal(granted.context.MTU, 9000)
    assert.equal(endpoint.connections.size, 1)
  })

  it("joins a client and an endpoint of two nodes by a tunnel", async () => {
    const [here, there] = [await domain.node("here"), await domain.node("there")]
    const endpoint = await there.endpoint("echo-1", { service: "echo", cidrs: "10.0.0.0/24" })
    const granted = await here.client("client-1").request("echo")
    assert.deepEqual(hops(granted), [
      "client-1",
      "here-manager",
      "here-forwarder",
      "there-manager",
      "there-forwarder",
      "echo-1",
    ])
    assert.equal(granted.mechanism?.type, "KERNEL")
    assert.equal(granted.context?.MTU, 1446)
    const [tunnel] = there.connections.forwarder.values()
    assert.equal(tunnel?.mechanism?.type, "VXLAN")
    assert.equal(endpoint.connections.size, 1)
  })

  for (const [title, places] of [
    ["one node", ["here", "here"]],
    ["two nodes", ["here", "there"]],
  ] as const) {
    it(`keeps a connection over ${title} alive, and takes it all back on close`, async () => {
      const names = [...new Set(places)]
      const nodes = await Promise.all(names.map((name) => domain.node(name)))
      const [first, last] = [nodes[0], nodes.at(-1)]
      assert.ok(first && last)
      const endpoint = await last.endpoint("echo-1", { service: "echo", cidrs: "10.0.0.0/31" })
      const client = first.client("client-1")
      const granted = await client.request("echo")
      const [before] = endpoint.connections.values()
      await domain.pass(3_600_000)
      const [after] = endpoint.connections.values()
      assert.equal(after?.id, before?.id)
      assert.deepEqual(after?.context, before?.context)
      assert.notDeepEqual(after?.path, before?.path, "the tokens were not renewed")
      await client.close(granted)
      assert.equal(endpoint.connections.size, 0)
      for (const { connections } of nodes) {
        assert.equal(connections.manager.size, 0)
        assert.equal(connections.forwarder.size, 0)
      }
      await client.request("echo")
    })
  }

  it("lets the connections of a client expire that has vanished, on all hops", async () => {
    const [here, there] = [await domain.node("here"), await domain.node("there")]
    const endpoint = await there.endpoint("echo-1", { service: "echo", cidrs: "10.0.0.0/31" })
    const client = here.client("client-1")
    await client.request("echo")
    await domain.pass(300_000)
    await client.vanish()
    await domain.pass(300_000)
    assert.equal(endpoint.connections.size, 1, "expired early")
    await domain.pass(300_000)
    assert.equal(endpoint.connections.size, 0)
    for (const { connections } of [here, there]) {
      assert.equal(connections.manager.size, 0)
      assert.equal(connections.forwarder.size, 0)
    }
    await here.client("client-2").request("echo")
  })

  it("tells the client which hop has no addresses left", async () => {
    const [here, there] = [await domain.node("here"), await domain.node("there")]
    await there.endpoint("echo-1", { service: "echo", cidrs: "10.0.0.0/31" })
    await here.client("client-1").request("echo")
    await assert.rejects(here.client("client-2").request("echo"), (thrown) => {
      const root = rootCause(NsmError.from(thrown))
      assert.equal(root.reason, "ADDRESSES_EXHAUSTED")
      assert.equal(root.hop, "echo-1")
      return true
    })
    const [{ size }, { size: tunnels }] = [here.connections.forwarder, there.connections.forwarder]
    assert.deepEqual([size, tunnels], [1, 1], "the failed request left something")
  })

  it("tells a client that watches when the endpoint is lost, and when it is down no more", async () => {
    const [here, there] = [await domain.node("here"), await domain.node("there")]
    const endpoint = await there.endpoint("echo-1", { service: "echo" })
    const client = here.client("client-1", { healing: "none" })
    const granted = await client.request("echo")
    const events = client.watch(granted)
    const states = async (): Promise<readonly State[]> => {
      const event = await events.next()
      assert.ok(event.done !== true)
      return Object.values(event.value.connections).map(({ state }) => state)
    }
    assert.deepEqual(await states(), [State.UP])
    await endpoint.kill()
    assert.deepEqual(await states(), [State.DOWN])
    await there.endpoint("echo-1", { service: "echo" })
    await domain.pass(120_000)
    assert.deepEqual(await states(), [State.UP])
    await events.return()
  })

  describe("a connection over two nodes", () => {
    const lives = { liveness: async () => true }
    const made = async (healing: DomainClientOptions["healing"]) => {
      const [here, there] = [await domain.node("here"), await domain.node("there")]
      const options = { service: "echo", cidrs: "10.0.0.0/24" }
      const endpoint = await there.endpoint("echo-1", options)
      const client = here.client("client-1", { healing })
      const granted = await client.request("echo")
      const now = () => client.connections.get(granted.id)
      return { here, there, endpoint, client, granted, now, options }
    }

    for (const part of ["Manager", "Forwarder"] as const) {
      for (const place of ["here", "there"] as const) {
        it(`stays with endpoint and addresses when the ${part.toLowerCase()} of ${place} restarts`, async () => {
          const { granted, now, client, ...world } = await made(lives)
          await world[place][`kill${part}`]()
          await domain.pass(500)
          await world[place][`start${part}`]()
          await domain.pass(5000)
          assert.equal(now()?.networkServiceEndpointName, "echo-1")
          assert.deepEqual(now()?.context, granted.context)
          const { manager, forwarder } = world[place].connections
          assert.deepEqual(
            [manager.size, forwarder.size, world.endpoint.connections.size],
            [1, 1, 1],
          )
          await client.stop()
        })
      }
    }

    it("stays when everything but the client restarts, the endpoint too", async () => {
      const { granted, now, client, here, there, endpoint, options } = await made(lives)
      await domain.killRegistry()
      for (const node of [here, there]) {
        await node.killManager()
        await node.killForwarder()
      }
      await endpoint.kill()
      await domain.pass(1000)
      await domain.startRegistry()
      for (const node of [here, there]) await node.start()
      await there.endpoint("echo-1", options)
      await domain.pass(10_000)
      assert.equal(now()?.networkServiceEndpointName, "echo-1")
      assert.deepEqual(
        now()?.context?.ipContext?.srcIpAddrs,
        granted.context?.ipContext?.srcIpAddrs,
      )
      await client.stop()
    })

    it("goes to another endpoint, with its addresses, when its own is gone", async () => {
      const { granted, now, there, endpoint, options } = await made({})
      await there.endpoint("echo-2", options)
      await endpoint.kill()
      await domain.pass(2000)
      assert.equal(now()?.networkServiceEndpointName, "echo-2")
      assert.deepEqual(
        now()?.context?.ipContext?.srcIpAddrs,
        granted.context?.ipContext?.srcIpAddrs,
      )
    })
  })

  it("finds an endpoint until it stops, or until a killed one's registration ends", async () => {
    const node = await domain.node("here")
    const stopped = await node.endpoint("echo-1", { service: "echo" })
    const killed = await node.endpoint("echo-2", { service: "echo" })
    const client = node.client("client-1")
    await stopped.stop()
    assert.equal((await client.request("echo")).networkServiceEndpointName, "echo-2")
    await killed.kill()
    await assert.rejects(client.request("echo"), { reason: "PEER_UNREACHABLE" })
    await domain.pass(60_000)
    await assert.rejects(client.request("echo"), { reason: "ENDPOINT_NOT_FOUND" })
  })

  it("chooses by the service's match rules", async () => {
    const node = await domain.node("here")
    await domain.service({
      name: "echo",
      payload: "ETHERNET",
      matches: [
        { sourceSelector: { app: "a" }, routes: [{ destinationSelector: { kind: "a" } }] },
        { routes: [{ destinationSelector: { kind: "b" } }] },
      ],
    })
    await node.endpoint("echo-a", { service: "echo", labels: { kind: "a" } })
    await node.endpoint("echo-b", { service: "echo", labels: { kind: "b" } })
    const client = node.client("client-1")
    const [a, b] = [
      await client.request("echo", { labels: { app: "a" } }),
      await client.request("echo"),
    ]
    assert.equal(a.networkServiceEndpointName, "echo-a")
    assert.equal(b.networkServiceEndpointName, "echo-b")
  })

  it("closes all connections of a client that stops", async () => {
    const node = await domain.node("here")
    const endpoint = await node.endpoint("echo-1", { service: "echo" })
    const client = node.client("client-1")
    await client.request("echo")
    await client.request("echo")
    assert.equal(endpoint.connections.size, 2)
    await client.stop()
    assert.equal(endpoint.connections.size, 0)
  })

  it("runs the same with the same seed", async () => {
    const run = async (seed: number): Promise<string[]> => {
      await using own = await startDomain({ seed })
      const node = await own.node("here")
      await node.endpoint("echo-1", { service: "echo" })
      const { path } = await node.client("client-1").request("echo")
      return path?.pathSegments.map(({ id }) => id) ?? []
    }
    assert.deepEqual(await run(7), await run(7))
    assert.notDeepEqual(await run(7), await run(8))
  })

  it("serves again after each of its processes was killed and started again", async () => {
    const node = await domain.node("here")
    const endpoint = await node.endpoint("echo-1", { service: "echo" })
    const client = node.client("client-1")
    await domain.killRegistry()
    await node.killForwarder()
    await node.killManager()
    await assert.rejects(client.request("echo"), { reason: "PEER_UNREACHABLE" })
    await domain.startRegistry()
    await node.startManager()
    await node.startForwarder()
    await domain.pass(60_000)
    await client.request("echo")
    assert.equal(endpoint.connections.size, 1)
    assert.equal(node.connections.manager.size, 1)
    assert.equal(node.connections.forwarder.size, 1)
  })

  it("says that its registry is down", async () => {
    await domain.killRegistry()
    await assert.rejects(domain.service({ name: "echo" }), { text: /start it first/ })
  })

  it("rejects a second process of one name", async () => {
    const node = await domain.node("here")
    node.client("client-1")
    const failure = { reason: "INVALID_CONFIGURATION", text: /client-1 runs already/ }
    assert.throws(() => node.client("client-1"), failure)
  })

  it("carries many connections", async () => {
    const [here, there] = [await domain.node("here"), await domain.node("there")]
    const endpoint = await there.endpoint("echo-1", { service: "echo", cidrs: "10.0.0.0/16" })
    const client = here.client("client-1")
    await Promise.all(Array.from({ length: 100 }, () => client.request("echo")))
    await domain.pass(600_000)
    assert.equal(endpoint.connections.size, 100)
    await client.stop()
    assert.equal(endpoint.connections.size, 0)
  })
})

describe("the README's example", function () {
  this.timeout(10_000)

  it("runs and prints what it says", async () => {
    const readme = await readFile(new URL("README.md", import.meta.url), "utf8")
    const [, code = "", printed = ""] =
      /```ts\n(.*?)```.*?```text\n(.*?)```/s.exec(readme) ?? assert.fail("no example")
    const args = ["--conditions=source", "--input-type=module-typescript", "--eval", code]
    // Where the package itself is known by its name.
    const cwd = new URL("../../..", import.meta.url)
    const { stdout } = await promisify(execFile)(process.execPath, args, { cwd })
    assert.equal(stdout, printed)
  })
})
