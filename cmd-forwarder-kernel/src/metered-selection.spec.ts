import assert from "node:assert/strict"
import { create } from "@bufbuild/protobuf"
import { NetworkServiceEndpointSchema, NetworkServiceRequestSchema } from "@nsm/api"
import {
  bind,
  chain,
  discover,
  type EndpointSelection,
  element,
  grant,
  type NetworkService,
  NsmError,
  selectEndpoint,
} from "@nsm/sdk"
import { FakeClock, registriesWith, testCall } from "@nsm/sdk/testing"
import { Registry } from "prom-client"
import { meteredSelection } from "./metered-selection.ts"

/** Requests of `web`, provided by an endpoint that is dead and by one that is there. */
async function requests(selection: EndpointSelection, clock: FakeClock, count: number) {
  const provided = (name: string) => ({
    ...create(NetworkServiceEndpointSchema, { name, url: `tcp://${name}` }),
    networkServiceNames: ["web"],
  })
  const registries = await registriesWith({
    services: [{ name: "web" }],
    endpoints: [provided("dead"), provided("there")],
  })
  const behind = element<NetworkService>("behind", (next) => ({
    async request(request, call) {
      const { networkServiceEndpointName: name = "" } = request.connection ?? {}
      if (name === "dead") throw new NsmError("PEER_UNREACHABLE", "gone")
      return next.request(request, call)
    },
  }))
  const choosing = chain("test", discover({ registries }), selectEndpoint({ selection }), behind)
  const service = bind(choosing, grant)
  const connection = { id: "client-1", networkService: "web" }
  const request = create(NetworkServiceRequestSchema, { connection })
  for (let sent = 0; sent < count; sent++) await service.request(request, testCall({ clock }))
}

describe("meteredSelection", () => {
  it("counts who is chosen, tried again and ejected, and for how long", async () => {
    const clock = new FakeClock()
    const metrics = new Registry()
    const selection = meteredSelection({ metrics, clock })
    await requests(selection, clock, 8)
    const text = await metrics.metrics()
    assert.match(text, /^nsm_selection_chosen_total\{service="web",spilled="false"\} 8$/m)
    assert.match(text, /^nsm_selection_retries_total\{verdict="allowed"\} 3$/m)
    assert.match(text, /^nsm_selection_ejections_total\{service="web"\} 1$/m)
    assert.match(text, /^nsm_selection_ejected\{service="web"\} 1$/m)
    assert.match(text, /^nsm_selection_retry_budget 98$/m)
    await clock.advance(10_000)
    const later = await metrics.metrics()
    assert.doesNotMatch(later, /^nsm_selection_ejected\{/m)
    assert.match(later, /^nsm_selection_retry_budget 100$/m)
  })
})
