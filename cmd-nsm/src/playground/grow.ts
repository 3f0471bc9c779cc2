import { NsmError } from "@nsm/sdk"
import type { Client, Endpoint, Passthrough, Topology } from "../topology/topology.ts"
import type { Domain } from "./domain.ts"
import type { Standing } from "./standing.ts"
import { startNode, type StandingNode } from "./standing-node.ts"
import { startEndpoint } from "./standing-endpoint.ts"
import { startClient, startPassthrough, type WorkloadPlace } from "./standing-workload.ts"
import type { WireStatus } from "./status.ts"
import { together } from "./together.ts"
import { settledWires } from "./wires.ts"

/** Says what has been done. */
export type Step = (text: string) => void

/** What something is added to. */
export interface GrowOptions {
  readonly standing: Standing
  readonly domain: Domain
  readonly step: Step
}

/** What is added. */
export type Addition = Partial<
  Pick<Topology, "nodes" | "services" | "endpoints" | "passthroughs" | "clients">
>

/**
 * Adds nodes, then services, endpoints, links between them and clients; of each kind all at the same
 * time. What cannot be started is as if it had not been added. Answers the new clients' wires, of
 * which some may be missing.
 */
export async function grow(
  { nodes = [], services = [], endpoints = [], passthroughs = [], clients = [] }: Addition,
  options: GrowOptions,
): Promise<WireStatus[]> {
  const { standing, domain, step } = options
  await together(nodes, async (node) => {
    standing.nodes.set(node.name, await startNode(node, domain))
    step(`${node.name} has its manager and forwarder`)
  })
  await domain.services.register(services)
  standing.services.push(...services)
  await together(endpoints, (endpoint) => addEndpoint(endpoint, options))
  await together(passthroughs, (passthrough) => addPassthrough(passthrough, options))
  const wires = await together(clients, (client) => addClient(client, options))
  return wires.flat()
}

async function addEndpoint(endpoint: Endpoint, options: GrowOptions): Promise<void> {
  const { standing, domain, step } = options
  const { name, node, services, payload } = endpoint
  // An endpoint registers all of its services itself, without match rules, or none; a supplier none.
  const others = services.filter((one) => !standing.services.some((known) => known.name === one))
  const isSupplied = endpoint.on_demand !== undefined
  const registersServices = others.length === services.length && !isSupplied
  if (!registersServices) {
    const plain = others.map((service) => ({ name: service, payload, matches: [] }))
    await domain.services.register(plain)
  }
  const place = placeOn(node, options)
  standing.workloads.set(name, await startEndpoint(endpoint, registersServices, place))
  step(`${name} on ${node} provides ${services.join(", ")}${isSupplied ? " on demand" : ""}`)
}

async function addPassthrough(passthrough: Passthrough, options: GrowOptions): Promise<void> {
  const { standing, step } = options
  const { name, node, services } = passthrough
  standing.workloads.set(name, await startPassthrough(passthrough, placeOn(node, options)))
  step(`${name} on ${node} passes ${services.join(", ")} on`)
}

async function addClient(client: Client, options: GrowOptions): Promise<readonly WireStatus[]> {
  const { standing, step } = options
  const { name, node } = client
  const made = await startClient(client, placeOn(node, options))
  standing.workloads.set(name, made)
  const wires = await settledWires(made.daemon)
  const up = wires.filter(({ state }) => state === "up").length
  const all = wires.length === 1 ? "its wire" : `its ${wires.length} wires`
  step(
    `${name} on ${node} has ${up === wires.length ? all : up === 0 ? "no wire yet" : `${up} of ${all}`}`,
  )
  return wires
}

function placeOn(node: string, { standing, domain }: GrowOptions): WorkloadPlace {
  const found: StandingNode | undefined = standing.nodes.get(node)
  if (!found) throw new NsmError("INTERNAL", `the node ${node} does not stand`)
  return { node: found, domain }
}
