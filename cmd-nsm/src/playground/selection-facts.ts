import { type JsonValue, toJson } from "@bufbuild/protobuf"
import { NetworkServiceEndpointSchema, NetworkServiceSchema } from "@nsm/api"
import { NsmError, registeredEndpoints, registeredService, type SelectionState } from "@nsm/sdk"
import type { Domain } from "./domain.ts"
import { withRegistries } from "./registries.ts"
import type { Standing } from "./standing.ts"
import { byName } from "./standing-status.ts"

/** All that decides which endpoint a client on a node gets. */
export interface SelectionFacts {
  readonly node: string
  /** Name of the node's forwarder, which is who decides. */
  readonly forwarder: string
  /** Names of all nodes. */
  readonly nodes: readonly string[]
  readonly service: JsonValue
  /** All endpoints that provide the service, as the node's manager knows them. */
  readonly endpoints: readonly JsonValue[]
  readonly state: SelectionState
}

/** What is to be decided. */
export interface SelectionFactsOptions {
  readonly service: string
  /** The client's node. @default the first one */
  readonly node?: string
}

/** Gathers what a node's forwarder goes by when it chooses an endpoint: asks its manager, and itself. */
export async function selectionFacts(
  { service: name, node: wanted }: SelectionFactsOptions,
  { standing, settings }: { standing: Standing } & Pick<Domain, "settings">,
): Promise<SelectionFacts> {
  const nodes = byName([...standing.nodes.values()].map((one) => ({ name: one.node.name, one })))
  const names = nodes.map((node) => node.name)
  const node = wanted === undefined ? nodes[0] : nodes.find((each) => each.name === wanted)
  if (!node) {
    throw new NsmError("INVALID_CONFIGURATION", `no node is called "${wanted ?? ""}"`, {
      remedy: `Choose one of: ${names.join(", ")}`,
    })
  }
  const forwarder = node.one.daemons.find(({ program }) => program === "cmd-forwarder-kernel")
  const page = await forwarder?.get("/selection")
  if (!forwarder || page === undefined) {
    throw new NsmError(
      "PEER_UNREACHABLE",
      `the forwarder of ${node.name} does not say what it knows`,
    )
  }
  const found = await withRegistries({ url: node.one.managerUrl, settings }, async (all, call) => ({
    service: await registeredService(all, name, "", call),
    endpoints: await registeredEndpoints(all, { networkServiceNames: [name] }, call),
  }))
  return {
    ...{ node: node.name, forwarder: forwarder.name, nodes: names },
    service: toJson(NetworkServiceSchema, found.service),
    endpoints: found.endpoints.map((endpoint) => toJson(NetworkServiceEndpointSchema, endpoint)),
    state: JSON.parse(page) as SelectionState,
  }
}
