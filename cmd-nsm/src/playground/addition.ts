import { NsmError } from "@nsm/sdk"
import { checkTopology } from "../topology/check.ts"
import type { Topology } from "../topology/topology.ts"
import type { Addition } from "./grow.ts"

/**
 * Refuses what does not fit to what stands, in the words of who adds it: by names, not by lines.
 * Fills in the defaults of what is added.
 */
export function refuseAddition(standing: Topology, addition: Addition): void {
  const next: Topology = {
    ...standing,
    nodes: [...standing.nodes, ...(addition.nodes ?? [])],
    services: [...standing.services, ...(addition.services ?? [])],
    endpoints: [...standing.endpoints, ...(addition.endpoints ?? [])],
    passthroughs: [...standing.passthroughs, ...(addition.passthroughs ?? [])],
    clients: [...standing.clients, ...(addition.clients ?? [])],
  }
  const problems = checkTopology(next).map(({ path, what }) => {
    const [list = "", index, ...fields] = path
    const item = list in singular ? next[list as keyof typeof singular][Number(index)] : undefined
    const whose = item
      ? [`${singular[list as keyof typeof singular]} ${item.name}`, ...fields]
      : path
    return [...whose.filter((part) => part !== "name"), what].join(": ")
  })
  if (problems.length === 0) return
  throw new NsmError("INVALID_CONFIGURATION", problems.join("; "), {
    remedy: "Correct what is named, and add it again.",
  })
}

const singular = {
  nodes: "node",
  services: "service",
  endpoints: "endpoint",
  passthroughs: "passthrough",
  clients: "client",
} as const
