import assert from "node:assert/strict"
import { create } from "@bufbuild/protobuf"
import { NetworkServiceEndpointQuerySchema, NetworkServiceEndpointSchema } from "@nsm/api"
import { Registry } from "prom-client"
import { withCall } from "../core/call.ts"
import { silentLog } from "../core/log.ts"
import { memoryRegistries } from "../registry/chains/memory.ts"
import { FakeClock } from "../testing/fake-clock.ts"
import { metered } from "./registry-metrics.ts"

function fixture() {
  const clock = new FakeClock()
  const metrics = new Registry()
  const { endpoints } = metered(memoryRegistries({ clock }), { metrics, clock })
  const endpoint = (name: string, services: string[]) =>
    create(NetworkServiceEndpointSchema, { name, networkServiceNames: services })
  return {
    clock,
    endpoints,
    endpoint,
    text: () => metrics.metrics(),
    register: (name: string, services: string[]) =>
      withCall({ clock, log: silentLog }, (call) =>
        endpoints.register(endpoint(name, services), call),
      ),
  }
}

describe("metered registries", () => {
  it("count endpoints by service until they are taken out or expire", async () => {
    const { clock, endpoints, endpoint, register, text } = fixture()
    await register("nse-1", ["icmp", "dns"])
    await register("nse-2", ["icmp"])
    await register("nse-2", ["icmp"])
    assert.match(await text(), /^nsm_endpoints\{service="icmp"\} 2$/m)
    assert.match(await text(), /^nsm_endpoints\{service="dns"\} 1$/m)
    await withCall({ clock, log: silentLog }, (call) =>
      endpoints.unregister(endpoint("nse-1", ["icmp", "dns"]), call),
    )
    assert.match(await text(), /^nsm_endpoints\{service="icmp"\} 1$/m)
    await clock.advance(60_000)
    assert.doesNotMatch(await text(), /^nsm_endpoints\{/m)
  })

  it("count watches while they are open, and not what only finds", async () => {
    const { clock, endpoints, register, text } = fixture()
    await register("nse-1", ["icmp"])
    await withCall({ clock, log: silentLog }, async (call) => {
      for (const watch of [false, true]) {
        const query = create(NetworkServiceEndpointQuerySchema, {
          networkServiceEndpoint: {},
          watch,
        })
        for await (const _ of endpoints.find(query, call)) {
          assert.match(await text(), new RegExp(`^nsm_registry_watchers ${watch ? 1 : 0}$`, "m"))
          break
        }
      }
    })
    assert.match(await text(), /^nsm_registry_watchers 0$/m)
  })
})
