import { mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { createNamespace, Links, type NetworkNamespace } from "@nsm/sdk-kernel"
import { LabProcess, type LabProcessOptions } from "./lab-process.ts"
import { leftovers } from "./leftovers.ts"
import { type Program, programFile } from "./programs.ts"
import { Underlay } from "./underlay.ts"

/** A node that stands. */
export interface LabNode {
  readonly name: string
  readonly namespace: NetworkNamespace
  /** Its address in the underlay. */
  readonly address: string
  /** Where its workloads find its manager. */
  readonly managerUrl: string
  readonly forwarderUrl: string
  readonly manager: LabProcess
  readonly forwarder: LabProcess
}

/** A workload's network with a program in it. */
export interface LabWorkload {
  readonly name: string
  readonly namespace: NetworkNamespace
  readonly process: LabProcess
}

/** How a process of the lab differs from the usual one. */
export type Deviation = Partial<
  Pick<LabProcessOptions, "args" | "file" | "settings" | "through" | "isProbed">
>

/** How a node differs from the usual one. */
export interface NodeOptions {
  readonly manager?: Deviation
  readonly forwarder?: Deviation
}

/** How the lab differs from the usual one. */
export interface LabOptions {
  /** MTU of the underlay. @default 1500 */
  readonly mtu?: number
  readonly registry?: Deviation
}

const registryPort = 5002
const managerPort = 5001

/**
 * A private mesh of real processes, in networks that nobody else sees. It takes care at its end that
 * nothing stays: disposal throws when a process, a namespace or an interface is left.
 */
export class Lab implements AsyncDisposable {
  readonly directory: string
  readonly #underlay: Underlay
  /** What was started, in groups of which the last ends first, and each all at once. */
  readonly #groups: Record<"registry" | "node" | "endpoint" | "client", LabProcess[]>
  readonly #networks = new Map<string, NetworkNamespace>()

  private constructor(directory: string, underlay: Underlay) {
    this.directory = directory
    this.#underlay = underlay
    this.#groups = { registry: [], node: [], endpoint: [], client: [] }
  }

  /** Brings up a lab that has a registry and no nodes. */
  static async up({ mtu, registry }: LabOptions = {}): Promise<Lab> {
    const lab = new Lab(await mkdtemp(join(tmpdir(), "lab-")), new Underlay({ mtu }))
    await using undo = new AsyncDisposableStack()
    undo.use(lab)
    await lab.#underlay.start()
    const url = `tcp://${lab.#underlay.address}:${registryPort}`
    const place = lab.#underlay.namespace
    const process = lab.#start("registry", "registry", "cmd-registry-memory", place, registry, {
      NSM_LISTEN_ON: url,
    })
    await process.ready()
    undo.move()
    return lab
  }

  /** The process of the registry. */
  get registry(): LabProcess {
    const [registry] = this.#groups.registry
    if (!registry) throw new Error("the lab has no registry any more")
    return registry
  }

  /** Adds a node with its manager and forwarder. */
  async addNode(name: string, { manager, forwarder }: NodeOptions = {}): Promise<LabNode> {
    const namespace = this.addNetwork(name)
    const address = await this.#underlay.join(namespace)
    const managerUrl = `unix://${this.directory}/${name}.nsm.sock`
    const forwarderUrl = `unix://${this.directory}/${name}.forwarder.sock`
    const node = {
      name,
      namespace,
      address,
      managerUrl,
      forwarderUrl,
      manager: this.#start("node", `nsmgr-${name}`, "cmd-nsmgr", namespace, manager, {
        NODE_NAME: name,
        NSM_LISTEN_ON: `${managerUrl},tcp://${address}:${managerPort}`,
        NSM_REGISTRY_URL: `tcp://${this.#underlay.address}:${registryPort}`,
      }),
      forwarder: this.#start(
        "node",
        `forwarder-${name}`,
        "cmd-forwarder-kernel",
        namespace,
        forwarder,
        {
          NODE_NAME: name,
          NSM_CONNECT_TO: managerUrl,
          NSM_LISTEN_ON: forwarderUrl,
          NSM_TUNNEL_IP: address,
        },
      ),
    }
    await Promise.all([node.manager.ready(), node.forwarder.ready()])
    return node
  }

  /** Adds an icmp-responder on a node. */
  async addEndpoint(name: string, node: LabNode, deviation: Deviation = {}): Promise<LabWorkload> {
    const namespace = this.addNetwork(name)
    const process = this.#start("endpoint", name, "cmd-nse-icmp-responder", namespace, deviation, {
      NODE_NAME: node.name,
      POD_NAME: name,
      NSM_CONNECT_TO: node.managerUrl,
      NSM_CIDR_PREFIX: "172.16.0.0/16,fd00:172:16::/64",
    })
    await process.ready()
    return { name, namespace, process }
  }

  /** Starts a client on a node; await `process.ready()` to have its wires. */
  addClient(name: string, node: LabNode, services: string, deviation: Deviation = {}): LabWorkload {
    const namespace = this.addNetwork(name)
    const process = this.#start("client", name, "cmd-nsc", namespace, deviation, {
      NODE_NAME: node.name,
      POD_NAME: name,
      NSM_CONNECT_TO: node.managerUrl,
      NSM_NETWORK_SERVICES: services,
      // What a client does to /etc/resolv.conf is no concern of a lab that shares it.
      NSM_LOCAL_DNS_SERVER_ENABLED: "false",
    })
    return { name, namespace, process }
  }

  /** Makes an empty network that goes with the lab. */
  addNetwork(name: string): NetworkNamespace {
    const namespace = createNamespace()
    this.#networks.set(name, namespace)
    return namespace
  }

  /** A network that was added, or that a workload has. */
  network(name: string): NetworkNamespace {
    const namespace = this.#networks.get(name)
    if (!namespace) throw new Error(`the lab has no network "${name}"`)
    return namespace
  }

  /** Takes a network away, as when the machine of a workload is torn down under it. */
  dropNetwork(name: string): void {
    this.#networks.get(name)?.[Symbol.dispose]()
    this.#networks.delete(name)
  }

  /** What interfaces a network has beside its loopback. */
  interfaces(name: string): readonly string[] {
    return new Links(this.network(name))
      .list()
      .flatMap((link) => (link.name === "lo" ? [] : [link.name]))
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const { registry, node, endpoint, client } = this.#groups
    const failures: unknown[] = []
    for (const group of [client, endpoint, node, registry]) {
      const ends = await Promise.allSettled(group.map((process) => process[Symbol.asyncDispose]()))
      for (const end of ends) if (end.status === "rejected") failures.push(end.reason)
    }
    const wires = [...this.#networks.keys()].flatMap((name) =>
      this.interfaces(name)
        .filter((link) => link !== "underlay")
        .map((link) => `interface ${link} in ${name}`),
    )
    const networks = new Map(this.#networks).set("underlay", this.#underlay.namespace)
    const inodes = new Map([...networks].map(([name, { inode }]) => [inode.ino, name]))
    for (const namespace of networks.values()) namespace[Symbol.dispose]()
    this.#networks.clear()
    await rm(this.directory, { recursive: true, force: true })
    const left = [...wires, ...(await leftovers(inodes))]
    if (left.length > 0) failures.push(new Error(`the lab left behind: ${left.join(", ")}`))
    if (failures.length === 1) throw failures[0]
    if (failures.length > 1) throw new AggregateError(failures, failures.map(String).join("\n"))
  }

  #start(
    group: "registry" | "node" | "endpoint" | "client",
    name: string,
    program: Program,
    place: NetworkNamespace,
    { settings, ...deviation }: Deviation = {},
    usual: Readonly<Record<string, string>>,
  ): LabProcess {
    const process = new LabProcess({
      name,
      place,
      directory: this.directory,
      file: programFile(program),
      ...deviation,
      settings: { ...usual, ...settings },
    })
    this.#groups[group].push(process)
    return process
  }
}
