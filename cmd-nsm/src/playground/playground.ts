import { NsmError } from "@nsm/sdk"
import { createNamespace, type NetworkNamespace } from "@nsm/sdk-kernel"
import { checkTopology } from "../topology/check.ts"
import type { Client, Endpoint, Node, Topology } from "../topology/topology.ts"
import { Daemon } from "./daemon.ts"
import type { Program } from "./programs.ts"
import type { Status, WireStatus } from "./status.ts"
import { Underlay } from "./underlay.ts"
import { wiresOf } from "./wires.ts"

/** A node that stands: its network with a manager and a forwarder in it. */
interface StandingNode {
  readonly node: Node
  readonly namespace: NetworkNamespace
  readonly addresses: readonly string[]
  readonly daemons: readonly Daemon[]
  readonly managerUrl: string
}

/** A client or endpoint that stands: its network with one daemon in it. */
interface StandingWorkload {
  readonly kind: "client" | "endpoint"
  readonly workload: Client | Endpoint
  readonly namespace: NetworkNamespace
  readonly daemon: Daemon
}

const registryPort = 5002
const managerPort = 5001

/**
 * A whole mesh on one machine. Nodes are network namespaces joined by an underlay, workloads are
 * namespaces too, and every daemon is a process of its own in the namespace where it belongs.
 */
export class Playground implements AsyncDisposable {
  readonly name: string
  readonly #directory: string
  readonly #underlay: Underlay
  readonly #nodes = new Map<string, StandingNode>()
  readonly #workloads = new Map<string, StandingWorkload>()
  #topology: Topology
  #registry: Daemon | undefined

  /** `directory` takes sockets and logs. Call `start` to bring it up. */
  constructor(topology: Topology, directory: string) {
    this.name = topology.name
    this.#directory = directory
    this.#underlay = new Underlay(topology.underlay)
    this.#topology = { ...topology, nodes: [], endpoints: [], clients: [] }
  }

  /** Makes the underlay and starts the registry. */
  async start(step: (text: string) => void): Promise<void> {
    await this.#underlay.start()
    this.#registry = this.#daemon("registry", "cmd-registry-memory", this.#underlay, {
      NSM_LISTEN_ON: `tcp://${this.#underlay.address}:${registryPort}`,
    })
    await this.#registry.ready()
    step(`registry serves on ${this.#underlay.address}:${registryPort}`)
  }

  /** Adds nodes, then endpoints, then clients; of each kind all at the same time. */
  async add(
    { nodes = [], endpoints = [], clients = [] }: Partial<Topology>,
    step: (text: string) => void,
  ): Promise<void> {
    const { nodes: n, endpoints: e, clients: c } = this.#topology
    const next = {
      ...this.#topology,
      nodes: [...n, ...nodes],
      endpoints: [...e, ...endpoints],
      clients: [...c, ...clients],
    }
    const problems = checkTopology(next)
    if (problems.length > 0) {
      const list = problems.map(({ path, what }) => `${path.join(".")}: ${what}`).join("; ")
      throw new NsmError("INVALID_CONFIGURATION", `it cannot be added: ${list}`)
    }
    this.#topology = next
    await together(next.nodes.slice(n.length), async (node) => {
      await this.#addNode(node)
      step(`${node.name} has its manager and forwarder`)
    })
    await together(next.endpoints.slice(e.length), async (endpoint) => {
      await this.#addEndpoint(endpoint)
      step(`${endpoint.name} on ${endpoint.node} provides ${endpoint.services.join(", ")}`)
    })
    await together(next.clients.slice(c.length), async (client) => {
      await this.#addClient(client)
      step(
        `${client.name} on ${client.node} has ${client.services.length === 1 ? "its wire" : "its wires"}`,
      )
    })
  }

  /** The namespaces by the name of their node or workload. */
  get namespaces(): ReadonlyMap<string, NetworkNamespace> {
    return new Map(
      [...this.#nodes, ...this.#workloads].map(([name, { namespace }]) => [name, namespace]),
    )
  }

  async status(): Promise<Status> {
    const nodes = [...this.#nodes.values()].map(async ({ node, addresses, daemons }) => ({
      name: node.name,
      addresses,
      daemons: await Promise.all(daemons.map((daemon) => daemon.status())),
    }))
    const workloads = [...this.#workloads.values()].map(async ({ kind, workload, daemon }) => ({
      name: workload.name,
      kind,
      node: workload.node,
      services: workload.services,
      daemon: await daemon.status(),
    }))
    return {
      schemaVersion: 1,
      name: this.name,
      nodes: await Promise.all(nodes),
      workloads: await Promise.all(workloads),
      wires: await this.wires(),
    }
  }

  /** What the clients say of their wires. */
  async wires(): Promise<WireStatus[]> {
    const clients = [...this.#workloads.values()].filter(({ kind }) => kind === "client")
    const wires = await Promise.all(clients.map(({ daemon }) => wiresOf(daemon)))
    return wires.flat()
  }

  /** Ends the clients, and with them their wires; everything else stays. */
  async closeWires(): Promise<void> {
    const clients = [...this.#workloads.values()].filter(({ kind }) => kind === "client")
    await together(clients, ({ daemon }) => daemon[Symbol.asyncDispose]())
  }

  /** Ends everything, workloads before nodes, so that each can say goodbye to the next. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.closeWires()
    await together(this.#workloads.values(), ({ daemon }) => daemon[Symbol.asyncDispose]())
    for (const { namespace } of this.#workloads.values()) namespace[Symbol.dispose]()
    await together(this.#nodes.values(), async ({ daemons }) => {
      // The forwarder takes its registration back at the manager.
      for (const daemon of daemons.toReversed()) await daemon[Symbol.asyncDispose]()
    })
    for (const { namespace } of this.#nodes.values()) namespace[Symbol.dispose]()
    await this.#registry?.[Symbol.asyncDispose]()
    this.#nodes.clear()
    this.#workloads.clear()
  }

  async #addNode(node: Node): Promise<void> {
    const namespace = createNamespace()
    const addresses = await this.#underlay.join(namespace)
    const [ip = ""] = addresses.map((address) => address.split("/")[0] ?? "")
    const managerUrl = `unix://${this.#directory}/${node.name}.nsm.sock`
    const manager = this.#daemon(`nsmgr-${node.name}`, "cmd-nsmgr", namespace, {
      NODE_NAME: node.name,
      NSM_LISTEN_ON: `${managerUrl},tcp://${ip}:${managerPort}`,
      NSM_REGISTRY_URL: `tcp://${this.#underlay.address}:${registryPort}`,
    })
    const forwarder = this.#daemon(`forwarder-${node.name}`, "cmd-forwarder-kernel", namespace, {
      NSM_CONNECT_TO: managerUrl,
      NSM_LISTEN_ON: `unix://${this.#directory}/${node.name}.fwd.sock`,
      NSM_TUNNEL_IP: ip,
    })
    this.#nodes.set(node.name, {
      node,
      namespace,
      addresses,
      daemons: [manager, forwarder],
      managerUrl,
    })
    await Promise.all([manager.ready(), forwarder.ready()])
  }

  async #addEndpoint(endpoint: Endpoint): Promise<void> {
    const labels = Object.entries(endpoint.labels).map(([key, value]) => `${key}:${value}`)
    await this.#addWorkload("endpoint", endpoint, "cmd-nse-icmp-responder", {
      NSM_SERVICE_NAMES: endpoint.services.join(","),
      NSM_CIDR_PREFIX: endpoint.cidrs.join(","),
      NSM_LABELS: labels.join(","),
      NSM_PAYLOAD: endpoint.payload,
    })
  }

  async #addClient(client: Client): Promise<void> {
    await this.#addWorkload("client", client, "cmd-nsc", {
      NSM_NETWORK_SERVICES: client.services.join(","),
    })
  }

  async #addWorkload(
    kind: StandingWorkload["kind"],
    workload: Client | Endpoint,
    program: Program,
    settings: Record<string, string>,
  ): Promise<void> {
    const node = this.#nodes.get(workload.node)
    if (!node) throw new NsmError("INTERNAL", `the node ${workload.node} does not stand`)
    const namespace = createNamespace()
    const daemon = this.#daemon(workload.name, program, namespace, {
      NSM_CONNECT_TO: node.managerUrl,
      NODE_NAME: workload.node,
      POD_NAME: workload.name,
      ...settings,
    })
    this.#workloads.set(workload.name, { kind, workload, namespace, daemon })
    await daemon.ready()
  }

  #daemon(
    name: string,
    program: Program,
    place: Pick<NetworkNamespace, "spawn">,
    settings: Record<string, string>,
  ): Daemon {
    return new Daemon({ name, program, place, settings, directory: this.#directory })
  }
}

/** Does the same for all at the same time, and waits for all even when one fails. */
async function together<T>(all: Iterable<T>, work: (one: T) => Promise<void>): Promise<void> {
  const results = await Promise.allSettled([...all].map((one) => work(one)))
  const failed = results.find((result) => result.status === "rejected")
  if (failed) throw failed.reason
}
