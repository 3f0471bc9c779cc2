import type { ClientPart } from "../parts/client.ts"
import { namespaceUrl } from "../parts/places.ts"
import { type Fault, oneOf, type Scene } from "./fault.ts"

function leaving({ mesh, random }: Scene): ClientPart | undefined {
  const here = mesh.clients.filter(({ isUp, wires }) => isUp && wires[0]?.endedAt === undefined)
  return here.length < 2 ? undefined : oneOf(here, random)
}

/** A workload goes with its namespace, or its namespace is left, as when only the client ends. */
function clearAway({ world, random }: Scene, { name }: ClientPart): void {
  if (random.integer(2) === 0) world.kernel.destroy(namespaceUrl(name))
}

/** Clients come and go. */
export const churn: readonly Fault[] = [
  {
    ...{ name: "a client comes", weight: 3, longestMs: 0 },
    strike({ mesh }) {
      mesh.addClient().start()
      return undefined
    },
  },
  {
    ...{ name: "a client stops", weight: 3, longestMs: 0 },
    strike(scene) {
      const client = leaving(scene)
      client?.stop().then(
        () => clearAway(scene, client),
        () => {},
      )
      return undefined
    },
  },
  {
    ...{ name: "a client vanishes", weight: 2, longestMs: 0 },
    strike(scene) {
      const client = leaving(scene)
      client?.vanish()
      if (client) clearAway(scene, client)
      return undefined
    },
  },
]
