import { mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { grpcTransport, type Transport } from "@nsm/sdk"
import { createNamespace, Links, type NetworkNamespace } from "@nsm/sdk-kernel"
import { Clients, type ClientsOptions } from "./clients.ts"
import { LabProcess, type LabProcessOptions } from "./lab-process.ts"
import { labPrefixes, lightEndpoint } from "./light-endpoint.ts"
import { leftovers } from "./leftovers.ts"
import { type OwnIdentity, ownIdentity } from "./own-identity.ts"
import { type Program, programFile } from "./programs.ts"
import { Sandbox } from "./sandbox.ts"
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
  readonly node: LabNode
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
  /**
   * Where its processes have their identities from: an authority of its own, or nowhere, and then
   * they do without TLS, tokens and policies. @default "authority"
   */
  readonly identities?: "authority" | "none"
  readonly authority?: Deviation
  /** Settings of all its daemons. @default none */
  readonly settings?: Readonly<Record<string, string>>
}

type Group = "authority" | "registry" | "node" | "endpoint" | "client"

const registryPort = 5002
const managerPort = 5001

/**
 * A private mesh of real processes with identities of its own authority, in networks that nobody else sees. It takes care at its end that
 * nothing stays: disposal throws when a process, a namespace or an interface is left.
 */
export class Lab implements AsyncDisposable {
  readonly directory: string
  readonly #underlay: Underlay
  /** What was started, in groups of which the last ends first, and each all at once. */
  readonly #groups: Record<Group, LabProcess[]>
  readonly #networks = new Map<string, NetworkNamespace>()
  readonly #workloads = new Set<LabWorkload>()
  readonly #sandboxes = new Map<string, Sandbox>()
  readonly #forwarders = new Map<LabNode, LabProcess[]>()
  readonly #options: LabOptions
  #identity: OwnIdentity | undefined

  private constructor(directory: string, options: LabOptions) {
    this.directory = directory
    this.#options = options
    this.#underlay = new Underlay(options)
    this.#groups = { authority: [], registry: [], node: [], endpoint: [], client: [] }
  }

  /** Brings up a lab that has an authority, a registry and no nodes. */
  static async up(options: LabOptions = {}): Promise<Lab> {
    const { identities = "authority", registry } = options
    const lab = new Lab(await mkdtemp(join(tmpdir(), "lab-")), { ...options, identities })
    await using undo = new AsyncDisposableStack()
    undo.use(lab)
    await lab.#underlay.start()
    if (identities === "authority") await lab.startAuthority()
    lab.#identity = await ownIdentity(identities === "authority" ? lab.workloadApi : undefined)
    const url = lab.registryUrl
    const place = lab.#underlay.namespace
    const process = lab.#start("registry", "registry", "cmd-registry-memory", place, registry, {
      NSM_LISTEN_ON: url,
    })
    await process.ready()
    undo.move()
    return lab
  }

  /** URL of the Workload API. */
  get workloadApi(): string {
    return `unix://${this.directory}/authority.sock`
  }

  /** Where the authority keeps its keys. */
  get authorityDirectory(): string {
    return `${this.directory}/authority`
  }

  /** Starts the authority, also again: it has the keys that it had. */
  async startAuthority(): Promise<LabProcess> {
    const { authority, settings } = this.#options
    const place = this.#underlay.namespace
    const process = this.#start("authority", "authority", "cmd-authority", place, authority, {
      NSM_LISTEN_ON: this.workloadApi,
      NSM_STATE_DIRECTORY: this.authorityDirectory,
      ...settings,
    })
    return await process.ready()
  }

  /** The process of the authority, the last one that was started. */
  get authority(): LabProcess {
    const authority = this.#groups.authority.at(-1)
    if (!authority) throw new Error("the lab has no authority")
    return authority
  }

  /** Who this process is to those of the lab. */
  get identity(): OwnIdentity {
    if (!this.#identity) throw new Error("the lab is not up")
    return this.#identity
  }

  /** Clients in this process that ask the manager of a node. */
  clients(
    { managerUrl }: Pick<LabNode, "managerUrl">,
    options: Omit<ClientsOptions, "managerUrl" | "identity"> = {},
  ): Clients {
    return new Clients({ managerUrl, identity: this.identity, ...options })
  }

  /** A way for this process to call those of the lab. */
  transport(name = "test"): Transport {
    return grpcTransport({ name, ...this.identity.connections })
  }

  /** URL of the registry. */
  get registryUrl(): string {
    return `tcp://${this.#underlay.address}:${registryPort}`
  }

  /** Runs a function in the network from which the registry can be reached. */
  get underlay(): NetworkNamespace {
    return this.#underlay.namespace
  }

  /** All that has been started and has not ended. */
  get processes(): readonly LabProcess[] {
    return Object.values(this.#groups)
      .flat()
      .filter((process) => !process.hasEnded)
  }

  /** The process of the registry. */
  get registry(): LabProcess {
    const [registry] = this.#groups.registry
    if (!registry) throw new Error("the lab has no registry any more")
    return registry
  }

  /** Adds a node with its manager and forwarder, also one that was lost. */
  async addNode(name: string, { manager, forwarder }: NodeOptions = {}): Promise<LabNode> {
    const namespace = this.addNetwork(name)
    const address = await this.#underlay.join(name, namespace)
    const managerUrl = `unix://${this.directory}/${name}.nsm.sock`
    const place = { name, namespace, address, managerUrl }
    const node: LabNode = {
      ...place,
      forwarderUrl: this.#forwarderUrl(name),
      manager: this.#start("node", `nsmgr-${name}`, "cmd-nsmgr", namespace, manager, {
        NODE_NAME: name,
        NSM_LISTEN_ON: `${managerUrl},tcp://${address}:${managerPort}`,
        NSM_REGISTRY_URL: this.registryUrl,
      }),
      forwarder: this.#startForwarder(name, place, forwarder),
    }
    this.#forwarders.set(node, [node.forwarder])
    await Promise.all([node.manager.ready(), node.forwarder.ready()])
    return node
  }

  /** Adds a further forwarder to a node, called `forwarder-<name>`. */
  async addForwarder(name: string, node: LabNode, deviation?: Deviation): Promise<LabProcess> {
    const forwarder = this.#startForwarder(name, node, deviation)
    this.#forwarders.get(node)?.push(forwarder)
    return await forwarder.ready()
  }

  /** The forwarders that a node was given. */
  forwarders(node: LabNode): readonly LabProcess[] {
    return this.#forwarders.get(node) ?? []
  }

  /** Pulls the plug of a node in the underlay, or puts it in again. */
  plug(node: LabNode, isUp: boolean): void {
    this.#underlay.plug(node.name, isUp)
  }

  /** Loses a node: all processes on it at the same time, its place in the underlay, all networks. */
  async lose(node: LabNode): Promise<void> {
    const workloads = [...this.#workloads].filter((each) => each.node === node)
    const all = [node.manager, ...this.forwarders(node), ...workloads.map((each) => each.process)]
    this.plug(node, false)
    await Promise.all(all.map((process) => process.end()))
    for (const workload of workloads) this.#forget(workload)
    await this.#underlay.leave(node.name)
    this.#forwarders.delete(node)
    this.dropNetwork(node.name)
  }

  /** Kills a workload: its process and its network go at the same time, as when its pod is deleted by force. */
  async kill(workload: LabWorkload): Promise<void> {
    await workload.process.end()
    this.#forget(workload)
  }

  /** Ends a workload in order; its network goes with it. */
  async remove(workload: LabWorkload): Promise<void> {
    await workload.process[Symbol.asyncDispose]()
    this.#forget(workload)
  }

  /** Adds an icmp-responder on a node. */
  addEndpoint(name: string, node: LabNode, deviation: Deviation = {}): Promise<LabWorkload> {
    return this.#addProvider("cmd-nse-icmp-responder", name, node, deviation, {
      NSM_CIDR_PREFIX: labPrefixes,
      NSM_IPAM_STATE_FILE: `${this.directory}/${name}.leases.json`,
    })
  }

  /** Adds a link of service chains on a node. */
  addPassthrough(name: string, node: LabNode, deviation: Deviation = {}): Promise<LabWorkload> {
    return this.#addProvider("cmd-nse-passthrough", name, node, deviation)
  }

  /** Adds a supplier on a node, which starts endpoints by that command. */
  addSupplier(name: string, node: LabNode, command: string, deviation: Deviation = {}) {
    return this.#addProvider("cmd-nse-supplier", name, node, deviation, {
      NSM_SUPPLY_COMMAND: command,
    })
  }

  /** Has this process serve as an endpoint of a node, in a network that was added by its name. */
  lightEndpoint(name: string, { name: nodeName, managerUrl }: LabNode): Promise<AsyncDisposable> {
    const { directory, identity } = this
    const namespaceUrl = this.network(name).url
    return lightEndpoint({ name, nodeName, managerUrl, directory, identity, namespaceUrl })
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
    return this.#remember({ name, node, namespace, process })
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

  /** Has a process sit in a network, as that of a pod has one, so that it outlives its workload. */
  sandbox(name: string): void {
    this.#sandboxes.set(name, new Sandbox(this.network(name)))
  }

  /** Takes a network away, as when the machine of a workload is torn down under it. */
  dropNetwork(name: string): void {
    this.#sandboxes.get(name)?.[Symbol.dispose]()
    this.#sandboxes.delete(name)
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
    const { authority, registry, node, endpoint, client } = this.#groups
    const failures: unknown[] = []
    await this.#identity?.[Symbol.asyncDispose]()
    for (const group of [client, endpoint, node, registry, authority]) {
      const ends = await Promise.allSettled(group.map((process) => process[Symbol.asyncDispose]()))
      for (const end of ends) if (end.status === "rejected") failures.push(end.reason)
    }
    const wires = [...this.#networks.keys()].flatMap((name) =>
      this.interfaces(name)
        .filter((link) => link !== "underlay")
        .map((link) => `interface ${link} in ${name}`),
    )
    for (const sandbox of this.#sandboxes.values()) sandbox[Symbol.dispose]()
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

  #forwarderUrl(name: string): string {
    return `unix://${this.directory}/${name}.forwarder.sock`
  }

  #startForwarder(
    name: string,
    node: Pick<LabNode, "name" | "namespace" | "address" | "managerUrl">,
    deviation?: Deviation,
  ): LabProcess {
    const program = "cmd-forwarder-kernel"
    return this.#start("node", `forwarder-${name}`, program, node.namespace, deviation, {
      NODE_NAME: node.name,
      NSM_CONNECT_TO: node.managerUrl,
      NSM_LISTEN_ON: this.#forwarderUrl(name),
      NSM_TUNNEL_IP: node.address,
    })
  }

  #remember(workload: LabWorkload): LabWorkload {
    this.#workloads.add(workload)
    return workload
  }

  #forget(workload: LabWorkload): void {
    this.#workloads.delete(workload)
    this.dropNetwork(workload.name)
  }

  async #addProvider(
    program: Program,
    name: string,
    node: LabNode,
    deviation: Deviation,
    settings: Readonly<Record<string, string>> = {},
  ): Promise<LabWorkload> {
    const namespace = this.addNetwork(name)
    const process = this.#start("endpoint", name, program, namespace, deviation, {
      NODE_NAME: node.name,
      POD_NAME: name,
      NSM_CONNECT_TO: node.managerUrl,
      ...settings,
    })
    const workload = this.#remember({ name, node, namespace, process })
    await process.ready()
    return workload
  }

  #start(
    group: Group,
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
      settings: { ...(group !== "authority" && this.#forAll), ...usual, ...settings },
    })
    this.#groups[group].push(process)
    return process
  }

  /** Settings of every daemon but the authority. */
  get #forAll(): Readonly<Record<string, string>> {
    const { identities, settings } = this.#options
    return identities === "none"
      ? { NSM_INSECURE: "true", ...settings }
      : { SPIFFE_ENDPOINT_SOCKET: this.workloadApi, ...settings }
  }
}
