import { create } from "@bufbuild/protobuf"
import { NetworkServiceEndpointQuerySchema, NetworkServiceQuerySchema } from "@nsm/api"
import { becomes } from "@nsm/integration-netns"
import type { MeshClient } from "../client/mesh-client.ts"
import { allOn, Mesh, type Sides } from "../lab/mesh.ts"
import { needsGo } from "../lab/needs-go.ts"

const mixes: readonly [title: string, sides: Sides][] = [
  ["registry and manager of Go", allOn("ours", { registry: "go", nsmgr: "go" })],
  ["the registry of Go", allOn("ours", { registry: "go" })],
  ["the manager of Go", allOn("ours", { nsmgr: "go" })],
]

for (const [title, sides] of mixes) {
  describe(`our endpoint with ${title}`, function () {
    this.timeout(60_000)
    before(needsGo)

    it("registers again at once after a restart of the registry, and of the manager", async () => {
      await using mesh = await Mesh.up({ sides, managerSocket: "unix" })
      const client = await mesh.client("ours", "client")
      await becomes(() => registered(client), ["nse", "icmp-responder"], patienceMs)
      for (const part of ["registry", "nsmgr"] as const) {
        await mesh.restart(part)
        await becomes(() => registered(client), ["nse", "icmp-responder"], patienceMs)
      }
    })
  })
}

/** A lease would be renewed after forty seconds. */
const patienceMs = 20_000

/** What a client finds of the endpoint and its service. */
async function registered(client: MeshClient): Promise<readonly (string | undefined)[]> {
  const name = { networkServiceEndpoint: { name: "nse" } }
  using endpoints = client.findEndpoints(create(NetworkServiceEndpointQuerySchema, name))
  const service = { networkService: { name: "icmp-responder" } }
  using services = client.findServices(create(NetworkServiceQuerySchema, service))
  const [endpoint, found] = [await endpoints.arrivals.next(500), await services.arrivals.next(500)]
  return [endpoint?.networkServiceEndpoint?.name, found?.networkService?.name]
}
