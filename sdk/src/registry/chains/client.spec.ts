import assert from "node:assert/strict"
import { create } from "@bufbuild/protobuf"
import { NetworkServiceEndpointSchema, NetworkServiceSchema } from "@nsm/api"
import { type Call, withCall } from "../../core/call.ts"
import { NsmError } from "../../core/errors.ts"
import { silentLog } from "../../core/log.ts"
import { FakeClock } from "../../testing/fake-clock.ts"
import { MemoryNetwork } from "../../transport/memory/network.ts"
import { memoryTransport } from "../../transport/memory/transport.ts"
import { expose } from "../../transport/transport.ts"
import { registryClientInfo } from "../common/client-info.ts"
import { endpointKind } from "../kind.ts"
import { networkServiceEndpointRegistryWire, networkServiceRegistryWire } from "../service.ts"
import { registryClient } from "./client.ts"
import { memoryRegistries } from "./memory.ts"

describe("client of the registries", () => {
  const url = "unix:///run/nsm.io.sock"
  const e1 = create(NetworkServiceEndpointSchema, {
    name: "e1",
    url: "tcp://e1:1",
    networkServiceNames: ["icmp"],
  })
  const make = () => {
    const clock = new FakeClock()
    const network = new MemoryNetwork()
    const start = async () => {
      const registries = memoryRegistries({ clock })
      await memoryTransport({ name: "registry", network, clock }).listen(url, [
        expose(networkServiceRegistryWire, registries.services),
        expose(networkServiceEndpointRegistryWire, registries.endpoints),
      ])
      return registries
    }
    const controller = new AbortController()
    const transport = memoryTransport({ name: "nse", network, clock })
    const client = registryClient({
      transport,
      url,
      signal: controller.signal,
      endpointElements: [registryClientInfo({ podName: "nse-0" })],
    })
    const inCall = <T>(run: (call: Call) => Promise<T>): Promise<T> =>
      withCall({ clock, log: silentLog }, run)
    return { clock, network, controller, start, client, inCall }
  }

  it("waits for the registry, and keeps its endpoint there", async () => {
    const { clock, start, client, inCall } = make()
    const registered = inCall((call) => client.endpoints.register(e1, call))
    await clock.advance(5000)
    const registries = await start()
    await clock.advance(1000)
    const { networkServiceLabels } = await registered
    assert.deepEqual(networkServiceLabels["icmp"]?.labels, { podName: "nse-0" })
    await clock.advance(3_600_000)
    assert.equal(registries.entryCounts().endpoints, 1)
    await inCall((call) => client.endpoints.unregister(e1, call))
    assert.equal(registries.entryCounts().endpoints, 0)
    await clock.advance(3_600_000)
    assert.equal(registries.entryCounts().endpoints, 0)
  })

  it("registers again after the registry lost its memory", async () => {
    const { clock, network, start, client, inCall } = make()
    await start()
    await inCall((call) => client.endpoints.register(e1, call))
    network.kill(url)
    await clock.advance(300_000)
    const registries = await start()
    await clock.advance(1000)
    assert.equal(registries.entryCounts().endpoints, 1)
  })

  it("watches on through a restart of the registry", async () => {
    const { clock, network, start, client, inCall } = make()
    const first = await start()
    await inCall((call) => first.endpoints.register(e1, call))
    const seen: string[] = []
    const watched = inCall(async (call) => {
      const query = endpointKind.query(e1, true)
      for await (const { networkServiceEndpoint } of client.endpoints.find(query, call)) {
        seen.push(networkServiceEndpoint?.url ?? "")
        if (seen.length === 2) return
      }
    })
    await clock.advance(1)
    network.kill(url)
    const second = await start()
    await inCall((call) => second.endpoints.register({ ...e1, url: "tcp://e1:1/again" }, call))
    await clock.advance(1000)
    await watched
    assert.deepEqual(seen, ["tcp://e1:1", "tcp://e1:1/again"])
  })

  it("registers network services, and again after the registry lost its memory", async () => {
    const { clock, network, start, client, inCall } = make()
    await start()
    const icmp = create(NetworkServiceSchema, { name: "icmp" })
    assert.equal((await inCall((call) => client.services.register(icmp, call))).payload, "IP")
    network.kill(url)
    await clock.advance(60_000)
    const registries = await start()
    await clock.advance(1000)
    assert.equal(registries.entryCounts().services, 1)
    await inCall((call) => client.services.unregister(icmp, call))
    assert.equal(registries.entryCounts().services, 0)
    assert.equal(clock.pending, 0)
  })

  it("lets go of everything with its process", async () => {
    const { clock, controller, start, client, inCall } = make()
    const registries = await start()
    await inCall((call) => client.endpoints.register(e1, call))
    controller.abort(new NsmError("SHUTTING_DOWN", "bye"))
    await clock.advance(60_000)
    assert.equal(registries.entryCounts().endpoints, 0)
    assert.equal(clock.pending, 0)
  })
})
