import { connectionsAt, type LabProcess, registeredEndpoints } from "@nsm/integration-netns"
import type { Scene } from "./scene.ts"

/**
 * Why a scene is not yet as it should be, in words; empty when every client has its wire through
 * processes that live, each of them counts just the wires that it has, and all is registered.
 */
export async function unsettled(scene: Scene): Promise<readonly string[]> {
  const endpoints = [...scene.endpoints.values()]
  const processes = endpoints.map((endpoint) => endpoint.process)
  const hops = [...scene.managers, ...scene.allForwarders, ...processes].filter(
    (hop) => !hop.hasEnded,
  )
  const why: string[] = []
  const wires = new Map<string, number>()
  for (const client of scene.clients) {
    const status = await client.status().catch(() => undefined)
    if (status?.state !== "up" || status.error !== undefined) {
      why.push(`${client.name} is ${status?.state ?? "not there"}: ${status?.error ?? "no error"}`)
      continue
    }
    for (const name of status.path.slice(1)) {
      wires.set(name, (wires.get(name) ?? 0) + 1)
      const isThere = hops.some((hop) => hop.name === name)
      if (!isThere) why.push(`${client.name} goes through ${name}, which is dead`)
    }
  }
  why.push(...wrongInterfaces(scene))
  for (const { name } of endpoints) {
    const { length } = scene.lab.interfaces(name)
    const wanted = wires.get(name) ?? 0
    if (length !== wanted) why.push(`${name} has ${length} interfaces for ${wanted} wires`)
  }
  for (const hop of hops) {
    const count = await connectionsAt(hop).catch(() => -1)
    const wanted = wires.get(hop.name) ?? 0
    if (count !== wanted) why.push(`${hop.name} has ${count} connections for ${wanted} wires`)
  }
  return why.length > 0 ? why : await missing(scene, [...scene.allForwarders, ...processes])
}

/** Which clients have other interfaces than that of their wire. */
export function wrongInterfaces(scene: Scene): readonly string[] {
  return scene.clients.flatMap(({ name }) => {
    const interfaces = scene.lab.interfaces(name).join()
    return interfaces === "nsm-1" ? [] : [`${name} has the interfaces "${interfaces}"`]
  })
}

/** What lives and cannot be found in the domain. */
async function missing(scene: Scene, all: readonly LabProcess[]): Promise<readonly string[]> {
  const [node] = scene.nodes.values()
  if (!node) return ["no node stands"]
  const found = await registeredEndpoints(scene.lab, node).catch(String)
  if (typeof found === "string") return [found]
  return all
    .filter(({ name, hasEnded }) => !hasEnded && !(name in found))
    .map(({ name }) => `${name} is not registered`)
}
