import type { Traffic } from "../world/underlay.ts"
import { registryHost } from "../parts/places.ts"
import { type Fault, oneOf, type Scene } from "./fault.ts"

function cutting(
  { world, mesh, random }: Scene,
  hosts: readonly string[],
  traffics: readonly Traffic[],
): (() => void) | undefined {
  const one = oneOf(mesh.nodes, random)
  const other = oneOf(
    hosts.filter((host) => host !== one),
    random,
  )
  if (one === undefined || other === undefined) return undefined
  const cuts = traffics.map((traffic) => world.underlay.cut(one, other, traffic))
  world.trace.add("underlay", `cuts ${one} from ${other} for ${traffics.join(" and ")}`)
  world.weather.cutStreams()
  return () => {
    for (const cut of cuts) cut[Symbol.dispose]()
    world.trace.add("underlay", `joins ${one} and ${other} for ${traffics.join(" and ")}`)
  }
}

/** What befalls the network below. */
export const networkFaults: readonly Fault[] = [
  {
    ...{ name: "two nodes are cut apart", weight: 3, longestMs: 40_000 },
    strike: (scene) => cutting(scene, scene.mesh.nodes, ["calls", "packets"]),
  },
  {
    ...{ name: "tunnels between two nodes are cut", weight: 2, longestMs: 20_000 },
    strike: (scene) => cutting(scene, scene.mesh.nodes, ["packets"]),
  },
  {
    ...{ name: "calls between two nodes are cut", weight: 2, longestMs: 40_000 },
    strike: (scene) => cutting(scene, scene.mesh.nodes, ["calls"]),
  },
  {
    ...{ name: "a node is cut from the registry", weight: 2, longestMs: 60_000 },
    strike: (scene) => cutting(scene, [registryHost], ["calls"]),
  },
  {
    ...{ name: "messages are late, lost and repeated", weight: 4, longestMs: 30_000 },
    strike({ world, random }) {
      const storm = {
        ...{ late: random.integer(300), lateMs: 1 + random.integer(4000) },
        ...{ lost: random.integer(100), twice: random.integer(100) },
      }
      world.trace.add("weather", `storm ${JSON.stringify(storm)}`)
      world.weather.blow(storm)
      return () => {
        world.weather.blow()
        world.trace.add("weather", "calm")
      }
    },
  },
  {
    ...{ name: "names are slow to be found", weight: 1, longestMs: 30_000 },
    strike({ world, random }) {
      world.weather.namesMs = 100 + random.integer(3000)
      return () => void (world.weather.namesMs = 0)
    },
  },
]
