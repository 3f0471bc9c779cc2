import {
  bind,
  connectRegistries,
  expose,
  grant,
  managerRegistries,
  networkServiceEndpointRegistryWire,
  networkServiceRegistryWire,
  networkServiceWire,
  nsmgr,
} from "@nsm/sdk"
import { probe } from "../world/probe.ts"
import type { World } from "../world/world.ts"
import { timed } from "../world/timed.ts"
import { Part } from "./part.ts"
import { managerUrl, publicUrl as publicUrlOf, registryUrl } from "./places.ts"
import { defaultPolicies } from "./policies.ts"

/** The manager of a node, as `cmd-nsmgr` runs it. */
export function managerPart(world: World, node: string): Part {
  const name = `${node}-manager`
  return new Part(world, {
    ...{ kind: "manager", name, host: node },
    async boot(process) {
      const { hop, transport } = process
      const publicUrl = publicUrlOf(node)
      const labels = { nodeName: node }
      const registries = managerRegistries({
        ...{ ...hop, publicUrl, labels },
        upstream: connectRegistries({ transport, url: registryUrl }),
        policies: {
          registrations: defaultPolicies("registry-server"),
          answers: defaultPolicies("registry-client"),
        },
      })
      const chain = nsmgr({
        ...{ ...hop, ...labels, registries, publicUrl },
        policies: { requests: defaultPolicies("server") },
        observers: [probe({ world, process })],
      })
      const services = [
        expose(networkServiceWire, timed(bind(chain, grant), world, name)),
        expose(networkServiceRegistryWire, registries.services),
        expose(networkServiceEndpointRegistryWire, registries.endpoints),
      ]
      await process.listen(publicUrl, services)
      await process.listen(managerUrl(node), services)
    },
  })
}
