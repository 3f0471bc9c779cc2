import assert from "node:assert/strict"
import { create } from "@bufbuild/protobuf"
import {
  type NetworkServiceEndpoint,
  NetworkServiceEndpointSchema,
  NetworkServiceSchema,
} from "@nsm/api"
import { type Call, withCall } from "../../core/call.ts"
import { outline } from "../../core/chain.ts"
import { NsmError } from "../../core/errors.ts"
import { silentLog } from "../../core/log.ts"
import { unsignedTokens } from "../../identity/token.ts"
import { FakeClock } from "../../testing/fake-clock.ts"
import { MemoryNetwork } from "../../transport/memory/network.ts"
import { memoryTransport } from "../../transport/memory/transport.ts"
import { expose, type Transport } from "../../transport/transport.ts"
import { connectRegistries } from "../common/connect.ts"
import { endpointKind } from "../kind.ts"
import {
  networkServiceEndpointRegistryWire,
  networkServiceRegistryWire,
  type Registries,
} from "../service.ts"
import { registryClient } from "./client.ts"
import { memoryRegistries } from "./memory.ts"
import { managerRegistries } from "./nsmgr.ts"

describe("registries of a manager", () => {
  const registryUrl = "tcp://registry:5002"
  const make = () => {
    const clock = new FakeClock()
    const network = new MemoryNetwork()
    const processOf = (name: string): Transport => memoryTransport({ name, network, clock })
    const serve = (transport: Transport, url: string, { services, endpoints }: Registries) =>
      transport.listen(url, [
        expose(networkServiceRegistryWire, services),
        expose(networkServiceEndpointRegistryWire, endpoints),
      ])
    const startRegistry = async () => {
      const registries = memoryRegistries({ clock })
      await serve(processOf("registry"), registryUrl, registries)
      return registries
    }
    /** A node: its manager, and how its workloads reach it. */
    const startNode = async (name: string): Promise<{ node: Registries; kill: () => void }> => {
      const transport = processOf(`manager-${name}`)
      const upstream = connectRegistries({ transport, url: registryUrl })
      const url = `unix:///${name}/nsm.io.sock`
      const controller = new AbortController()
      const { signal } = controller
      const publicUrl = `tcp://${name}:5001`
      const labels = { nodeName: name }
      const manager = managerRegistries({ clock, publicUrl, upstream, labels, signal })
      await serve(transport, url, manager)
      const kill = (): void => {
        network.kill(url)
        controller.abort(new NsmError("SHUTTING_DOWN", "killed"))
      }
      return { node: registryClient({ transport: processOf(`workload-${name}`), url }), kill }
    }
    const inCall = <T>(run: (call: Call) => Promise<T>): Promise<T> =>
      withCall({ clock, log: silentLog, timeoutMs: 5000 }, run)
    const register = ({ endpoints }: Registries, name: string) =>
      inCall((call) =>
        endpoints.register(
          create(NetworkServiceEndpointSchema, {
            name,
            url: `unix:///run/${name}.sock`,
            networkServiceNames: ["icmp"],
          }),
          call,
        ),
      )
    const find = ({ endpoints }: Registries): Promise<NetworkServiceEndpoint[]> =>
      inCall(async (call) => {
        const wanted = create(NetworkServiceEndpointSchema, { networkServiceNames: ["icmp"] })
        const found = await Array.fromAsync(endpoints.find(endpointKind.query(wanted, false), call))
        return found
          .map(({ networkServiceEndpoint }) => networkServiceEndpoint)
          .filter((each) => each !== undefined)
      })
    return { clock, network, startRegistry, startNode, inCall, register, find }
  }
  const urls = (endpoints: NetworkServiceEndpoint[]) => endpoints.map(({ url }) => url).toSorted()

  it("give their node the endpoints' own URLs and other nodes the manager's", async () => {
    const { startRegistry, startNode, register, find } = make()
    const shared = await startRegistry()
    const { node: one } = await startNode("node-1")
    const { node: two } = await startNode("node-2")
    const granted = await register(one, "e1")
    assert.equal(granted.url, "unix:///run/e1.sock")
    assert.deepEqual(granted.networkServiceLabels["icmp"]?.labels, { nodeName: "node-1" })
    await register(two, "e2")
    for (let round = 0; round < 3; round++) {
      assert.deepEqual(urls(await find(one)), ["tcp://node-2:5001", "unix:///run/e1.sock"])
      assert.deepEqual(urls(await find(two)), ["tcp://node-1:5001", "unix:///run/e2.sock"])
    }
    assert.deepEqual(urls(await find(shared)), ["tcp://node-1:5001", "tcp://node-2:5001"])
  })

  it("keep an endpoint as long as it lives, through its renewals", async () => {
    const { clock, startRegistry, startNode, register, find } = make()
    const shared = await startRegistry()
    const { node } = await startNode("node-1")
    await register(node, "e1")
    await clock.advance(600_000)
    assert.deepEqual(urls(await find(node)), ["unix:///run/e1.sock"])
    assert.equal(shared.entryCounts().endpoints, 1)
  })

  it("take out everywhere what is taken out at the node", async () => {
    const { startRegistry, startNode, inCall, register, find } = make()
    const shared = await startRegistry()
    const { node: one } = await startNode("node-1")
    const { node: two } = await startNode("node-2")
    await register(one, "e1")
    await find(two)
    await find(two)
    await inCall((call) =>
      one.endpoints.unregister(create(NetworkServiceEndpointSchema, { name: "e1" }), call),
    )
    assert.equal(shared.entryCounts().endpoints, 0)
    assert.deepEqual(await find(one), [])
    assert.deepEqual(await find(two), [])
  })

  it("know after a restart what the endpoints tell them within a second", async () => {
    const { clock, startRegistry, startNode, register, find } = make()
    await startRegistry()
    const { node, kill } = await startNode("node-1")
    await register(node, "e1")
    kill()
    const { node: restarted } = await startNode("node-1")
    assert.deepEqual(await find(restarted), [])
    await clock.advance(1000)
    assert.deepEqual(urls(await find(restarted)), ["unix:///run/e1.sock"])
  })

  it("come back with their endpoints after the registry lost its memory", async () => {
    const { clock, network, startRegistry, startNode, register, find } = make()
    await startRegistry()
    const { node } = await startNode("node-1")
    await register(node, "e1")
    await find(node)
    network.kill(registryUrl)
    await clock.advance(1000)
    const shared = await startRegistry()
    assert.deepEqual(await find(node), [])
    await clock.advance(5000)
    assert.deepEqual(urls(await find(node)), ["unix:///run/e1.sock"])
    assert.equal(shared.entryCounts().endpoints, 1)
  })

  it("say which hop failed when the registry is gone", async () => {
    const { startNode, inCall } = make()
    const { node } = await startNode("node-1")
    const registered = inCall(async (call) => {
      const icmp = create(NetworkServiceSchema, { name: "icmp" })
      return await node.services.register(icmp, call.renewed({ deadline: call.clock.now() }))
    })
    await assert.rejects(registered, (error: NsmError) => {
      assert.equal(error.reason, "PEER_UNREACHABLE")
      assert.equal(error.hop, "manager-node-1")
      assert.match(error.text, /registry:5002/)
      return true
    })
  })

  it("do without a registry on a single node", async () => {
    const { clock, inCall, register, find } = make()
    const alone = managerRegistries({ clock, publicUrl: "tcp://node-1:5001" })
    await register(alone, "e1")
    assert.deepEqual(urls(await find(alone)), ["unix:///run/e1.sock"])
    const icmp = create(NetworkServiceSchema, { name: "icmp" })
    assert.equal((await inCall((call) => alone.services.register(icmp, call))).payload, "IP")
  })

  it("are these elements", () => {
    const { clock } = make()
    const publicUrl = "tcp://node-1:5001"
    const upstream = memoryRegistries({ clock })
    const tokens = unsignedTokens({ clock })
    const { chains } = managerRegistries({ clock, tokens, publicUrl, upstream })
    assert.equal(
      outline(chains.endpoints),
      [
        "network-service-endpoint-registry",
        "  update-registry-path",
        "  begin",
        "  client-info",
        "  expire",
        "  local-bypass",
        "  watch-cache",
        "  send-registry-path",
      ].join("\n"),
    )
    assert.equal(
      outline(chains.services),
      [
        "network-service-registry",
        "  update-registry-path",
        "  begin",
        "  watch-cache",
        "  send-registry-path",
      ].join("\n"),
    )
  })
})
