import type { JsonValue } from "@bufbuild/protobuf"
import { NsmError, type SelectionState } from "@nsm/sdk"
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
  /** All endpoints that provide the service. */
  readonly endpoints: readonly JsonValue[]
  readonly state: SelectionState
}

/** What is to be decided. */
export interface SelectionFactsOptions {
  readonly service: string
  /** The client's node. @default the first one */
  readonly node?: string
}

/** What a forwarder answers at `/selection` about a service. */
interface Answer extends SelectionState {
  readonly service: JsonValue
  readonly seen: readonly JsonValue[]
}

/** Asks the forwarder of a node what it goes by when it chooses an endpoint. */
export async function selectionFacts(
  { service: name, node: wanted }: SelectionFactsOptions,
  standing: Standing,
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
  const path = `/selection?service=${encodeURIComponent(name)}`
  const page = await forwarder?.get(path).catch(() => undefined)
  if (!forwarder || page === undefined) {
    const text = `the forwarder of ${node.name} does not say what it knows`
    throw new NsmError("PEER_UNREACHABLE", text, { remedy: "See whether it runs: nsm status" })
  }
  const { service, seen: endpoints, ...state } = JSON.parse(page) as Answer
  if (service === null) {
    throw new NsmError("SERVICE_NOT_FOUND", `network service ${name} is not registered`)
  }
  return {
    ...{ node: node.name, forwarder: forwarder.name, nodes: names },
    ...{ service, endpoints, state },
  }
}
