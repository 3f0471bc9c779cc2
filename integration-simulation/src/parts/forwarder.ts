import { create } from "@bufbuild/protobuf"
import { NetworkServiceEndpointSchema } from "@nsm/api"
import {
  bind,
  connectRegistries,
  endpointKind,
  expose,
  grant,
  networkServiceWire,
  registered,
  type Registries,
  registryClient,
  serviceKind,
  watchCache,
} from "@nsm/sdk"
import { TaskGroup } from "@nsm/sdk/daemon"
import { forwarder, Reconcile } from "@nsm/sdk-kernel"
import { SimWiring } from "../kernel/sim-wiring.ts"
import { probe } from "../world/probe.ts"
import type { SimProcess } from "../world/sim-process.ts"
import { timed } from "../world/timed.ts"
import type { World } from "../world/world.ts"
import { Part } from "./part.ts"
import { managerUrl, socketUrl } from "./places.ts"
import { defaultPolicies } from "./policies.ts"

/** Where a forwarder's tunnels begin, and which number its node has. */
interface Place {
  readonly ip: string
  readonly number: number
}

/** How often what the kernel has is compared with what connections own. */
const reconcileMs = 10_000

/** A forwarder, as `cmd-forwarder-kernel` runs it, on the model of the kernel. */
export function forwarderPart(world: World, node: string, { ip, number }: Place): Part {
  const name = `${node}-forwarder`
  return new Part(world, {
    ...{ kind: "forwarder", name, host: node },
    async boot(process) {
      const { hop, clock, log, random, signal, transport } = process
      const { kernel, tokenLifetimeMs } = world
      const owner = { forwarder: name, node: number }
      const wiring = new SimWiring({ kernel, owner, clock, random, signal })
      const tasks = new TaskGroup({ log })
      const chain = forwarder({
        ...{ ...hop, tunnel: { ip, linkMtu: 1500 } },
        registries: lookups(process, node),
        ...{ wiring, tasks },
        policies: { requests: defaultPolicies("server") },
        observers: [probe({ world, process })],
      })
      const reconcile = new Reconcile({
        ...{ wires: wiring, clock, log, interfaces: async () => wiring.owned },
        ...{ intervalMs: reconcileMs, graceMs: tokenLifetimeMs },
        presence: { claim: () => true, running: () => new Set([name]) },
      })
      tasks.run("reconcile wires", () => reconcile.run(signal))
      const url = socketUrl(node, "forwarder")
      const service = timed(bind(chain, grant), world, name)
      await process.listen(url, [expose(networkServiceWire, service)])
      const policies = { answers: defaultPolicies("registry-client") }
      const entry = create(NetworkServiceEndpointSchema, {
        ...{ name, url, networkServiceNames: ["forwarder"] },
        networkServiceLabels: { forwarder: { labels: { p2p: "true" } } },
      })
      await registered({
        registries: registryClient({ transport, url: managerUrl(node), random, signal, policies }),
        ...{ endpoint: entry, clock, log, signal },
      })
    },
  })
}

/** Where endpoints are looked up, kept at hand as in the daemon. */
function lookups({ transport, signal }: SimProcess, node: string): Registries {
  const { services, endpoints } = connectRegistries({ transport, url: managerUrl(node) })
  return {
    services: bind(watchCache(serviceKind, { signal }), services),
    endpoints: bind(watchCache(endpointKind, { signal }), endpoints),
  }
}
