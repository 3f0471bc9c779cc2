import { NsmError } from "@nsm/sdk"
import { Lab, type LabNode, type LabWorkload } from "../lab/lab.ts"
import type { LabProcess } from "../lab/lab-process.ts"
import { Traffic } from "../traffic/traffic.ts"
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
  #serial = 0

  private constructor(lab: Lab) {
    this.lab = lab
  }

  /** Brings a scene up: all clients have a wire to the only endpoint. */
  static async up({ nodes, clients }: SceneOptions): Promise<Scene> {
    await using undo = new AsyncDisposableStack()
    const scene = undo.use(new Scene(await Lab.up()))
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

  get allForwarders(): readonly LabProcess[] {
    return [...this.nodes.values()].flatMap((node) => this.lab.forwarders(node))
  }

  get managers(): readonly LabProcess[] {
    return [...this.nodes.values()].map(({ manager }) => manager)
  }

  /** The client on a node. */
  client(node: string): SceneClient {
    const client = this.clients.find(({ workload }) => workload.node.name === node)
    return found(client, `client on ${node}`)
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
