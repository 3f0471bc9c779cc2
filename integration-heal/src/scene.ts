import { NsmError } from "@nsm/sdk"
import {
  Lab,
  type LabNode,
  type LabProcess,
  type LabWorkload,
  Traffic,
} from "@nsm/integration-netns"
import { SceneClient } from "./scene-client.ts"

/** What a scene begins with. */
export interface SceneOptions {
  /** Names of the nodes; endpoints are on the first. */
  readonly nodes: readonly string[]
  /** Where the clients are, each with one wire. */
  readonly clients: readonly string[]
}

/** Settings of the clients. */
const clientSettings = { NSM_LIVENESS_CHECK_INTERVAL: "200ms", NSM_LIVENESS_CHECK_TIMEOUT: "1s" }

/** A lab with clients that have a wire each and send packets through it. */
export class Scene implements AsyncDisposable {
  readonly lab: Lab
  /** The nodes that stand, by name. */
  readonly nodes = new Map<string, LabNode>()
  /** The endpoints that serve or should, by name. */
  readonly endpoints = new Map<string, LabWorkload>()
  readonly clients: SceneClient[] = []
  readonly #names: readonly string[]
  #serial = 0

  private constructor(lab: Lab, names: readonly string[]) {
    this.lab = lab
    this.#names = names
  }

  /** Brings a scene up: all clients have a wire to the only endpoint. */
  static async up({ nodes, clients }: SceneOptions): Promise<Scene> {
    await using undo = new AsyncDisposableStack()
    const scene = undo.use(new Scene(await Lab.up(), nodes))
    await Promise.all(nodes.map((name) => scene.addNode(name)))
    const [first = ""] = nodes
    await scene.addEndpoint(first)
    await Promise.all(clients.map((name) => scene.addClient(name)))
    undo.move()
    return scene
  }

  /** A node that stands. */
  node(name: string): LabNode {
    return found(this.nodes.get(name), `node ${name}`)
  }

  async addNode(name: string): Promise<void> {
    this.nodes.set(name, await this.lab.addNode(name))
  }

  /** Adds an endpoint to a node, by a name that no other had. */
  async addEndpoint(node: string, name = `nse-${++this.#serial}`): Promise<LabWorkload> {
    const endpoint = await this.lab.addEndpoint(name, this.node(node))
    this.lab.sandbox(name)
    this.endpoints.set(name, endpoint)
    return endpoint
  }

  /** Kills an endpoint with its network. */
  async killEndpoint(endpoint: LabWorkload): Promise<void> {
    this.endpoints.delete(endpoint.name)
    await this.lab.kill(endpoint)
  }

  async addClient(node: string): Promise<void> {
    const services = "kernel://icmp-responder/nsm-1"
    const place = this.node(node)
    const workload = this.lab.addClient(`nsc-${node}`, place, services, {
      settings: clientSettings,
    })
    this.lab.sandbox(workload.name)
    await workload.process.ready()
    this.clients.push(new SceneClient(workload, await Traffic.in(workload.namespace)))
  }

  /** The endpoint that serves the first client, which is that of all clients in most scenes. */
  async endpoint(): Promise<LabWorkload> {
    const { endpoint } = await found(this.clients[0], "client").status()
    return found(this.endpoints.get(endpoint), `endpoint ${endpoint}`)
  }

  /** The forwarders through which the wire of a client goes, its own first. */
  async forwarders(client: SceneClient): Promise<readonly LabProcess[]> {
    const { path } = await client.status()
    return this.allForwarders
      .filter(({ name }) => path.includes(name))
      .toSorted((a, b) => path.indexOf(a.name) - path.indexOf(b.name))
  }

  /** The forwarders that live. */
  get allForwarders(): readonly LabProcess[] {
    const all = [...this.nodes.values()].flatMap((node) => this.lab.forwarders(node))
    return all.filter((forwarder) => !forwarder.hasEnded)
  }

  /** The node of a forwarder. */
  nodeOf(forwarder: LabProcess): LabNode {
    const nodes = [...this.nodes.values()]
    const node = nodes.find((each) => this.lab.forwarders(each).includes(forwarder))
    return found(node, `node of ${forwarder.name}`)
  }

  /** Adds a further forwarder to a node, by a name that no other had. */
  async addForwarder(node: LabNode): Promise<void> {
    await this.lab.addForwarder(`${node.name}-${++this.#serial}`, node)
  }

  /** Loses a node and all that is on it. */
  async loseNode(node: LabNode): Promise<void> {
    this.nodes.delete(node.name)
    for (const [name, endpoint] of this.endpoints) {
      if (endpoint.node === node) this.endpoints.delete(name)
    }
    await this.lab.lose(node)
  }

  /** Brings back nodes that were lost. */
  async restoreNodes(): Promise<void> {
    const lost = this.#names.filter((name) => !this.nodes.has(name))
    await Promise.all(lost.map((name) => this.addNode(name)))
  }

  get managers(): readonly LabProcess[] {
    return [...this.nodes.values()].map(({ manager }) => manager)
  }

  /** A client that is not on the node of its endpoint. */
  async remoteClient(): Promise<SceneClient> {
    const { node } = await this.endpoint()
    return found(
      this.clients.find(({ workload }) => workload.node.name !== node.name),
      "client on another node than its endpoint",
    )
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.clients.map((client) => client[Symbol.asyncDispose]()))
    await this.lab[Symbol.asyncDispose]()
  }
}

function found<T>(one: T | undefined, what: string): T {
  if (one === undefined) throw new NsmError("INTERNAL", `the scene has no ${what}`)
  return one
}
