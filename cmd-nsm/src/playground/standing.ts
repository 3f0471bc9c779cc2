import { NsmError } from "@nsm/sdk"
import type { NetworkNamespace } from "@nsm/sdk-kernel"
import type { Service, Topology } from "../topology/topology.ts"
import type { StandingNode } from "./standing-node.ts"
import { byName, nodeStatus, workloadStatus } from "./standing-status.ts"
import type { StandingWorkload } from "./standing-workload.ts"
import type { NodeStatus, WorkloadStatus } from "./status.ts"
import { together } from "./together.ts"

/** All that stands in a playground, beside its underlay and its registry. */
export class Standing implements AsyncDisposable {
  readonly nodes = new Map<string, StandingNode>()
  readonly workloads = new Map<string, StandingWorkload>()
  /** Services with match rules. */
  readonly services: Service[] = []

  /** The clients' daemons, by name. */
  get clients(): readonly StandingWorkload["daemon"][] {
    const clients = [...this.workloads.values()].filter(({ kind }) => kind === "client")
    return byName(clients.map(({ daemon }) => daemon))
  }

  /** The daemons of all nodes and workloads. */
  get daemons(): readonly StandingWorkload["daemon"][] {
    const ofNodes = [...this.nodes.values()].flatMap(({ daemons }) => daemons)
    return [...ofNodes, ...[...this.workloads.values()].map(({ daemon }) => daemon)]
  }

  /** The namespaces by the name of their node or workload. */
  get namespaces(): ReadonlyMap<string, NetworkNamespace> {
    return new Map(
      [...this.nodes, ...this.workloads].map(([name, { namespace }]) => [name, namespace]),
    )
  }

  /** What stands, as a topology would say it. */
  get topology(): Pick<Topology, "nodes" | "services" | "endpoints" | "passthroughs" | "clients"> {
    const workloads = [...this.workloads.values()]
    return {
      nodes: [...this.nodes.values()].map(({ node }) => node),
      services: this.services,
      endpoints: workloads.flatMap((one) => (one.kind === "endpoint" ? [one.workload] : [])),
      passthroughs: workloads.flatMap((one) => (one.kind === "passthrough" ? [one.workload] : [])),
      clients: workloads.flatMap((one) => (one.kind === "client" ? [one.workload] : [])),
    }
  }

  /** How all of it stands now. */
  async status(): Promise<{ nodes: NodeStatus[]; workloads: WorkloadStatus[] }> {
    const nodes = await Promise.all([...this.nodes.values()].map(nodeStatus))
    const workloads = await Promise.all([...this.workloads.values()].map(workloadStatus))
    return { nodes: byName(nodes), workloads: byName(workloads) }
  }

  /** Ends a workload, or a node on which none stands. */
  async remove(name: string): Promise<void> {
    const from = this.workloads.has(name) ? this.workloads : this.nodes
    const found = from.get(name)
    if (!found) {
      const all = [...this.workloads.keys(), ...this.nodes.keys()].join(", ")
      const text = `"${name}" is neither a workload nor a node of this playground`
      throw new NsmError("INVALID_CONFIGURATION", text, { remedy: `Choose one of: ${all}` })
    }
    const guests = [...this.workloads.values()].filter(({ workload }) => workload.node === name)
    if (guests.length > 0) {
      const names = guests.map(({ workload }) => workload.name).join(" ")
      throw new NsmError("INVALID_CONFIGURATION", `the node ${name} has workloads`, {
        remedy: `Remove them first: nsm remove ${names}`,
      })
    }
    await found[Symbol.asyncDispose]()
    from.delete(name)
  }

  /** Ends the clients, and with them their wires; everything else stays. */
  async closeWires(): Promise<void> {
    await together(this.clients, (daemon) => daemon[Symbol.asyncDispose]())
  }

  /** Ends everything, workloads before nodes, so that each can say goodbye to the next. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.closeWires()
    await together(this.workloads.values(), async (workload) => workload[Symbol.asyncDispose]())
    await together(this.nodes.values(), async (node) => node[Symbol.asyncDispose]())
    this.nodes.clear()
    this.workloads.clear()
  }
}
