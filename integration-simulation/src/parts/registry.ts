import {
  expose,
  memoryRegistries,
  networkServiceEndpointRegistryWire,
  networkServiceRegistryWire,
} from "@nsm/sdk"
import type { World } from "../world/world.ts"
import { Part } from "./part.ts"
import { registryHost, registryUrl } from "./places.ts"
import { defaultPolicies } from "./policies.ts"

/** The registry of the domain, as `cmd-registry-memory` runs it. */
export function registryPart(world: World): Part {
  return new Part(world, {
    ...{ kind: "registry", name: "registry", host: registryHost },
    async boot(process) {
      const policies = { registrations: defaultPolicies("registry-server") }
      const { services, endpoints } = memoryRegistries({ ...process.hop, policies })
      await process.listen(registryUrl, [
        expose(networkServiceRegistryWire, services),
        expose(networkServiceEndpointRegistryWire, endpoints),
      ])
    },
  })
}
