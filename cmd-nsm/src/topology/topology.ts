/** A described playground: what stands where before the mesh does its work. */
export interface Topology {
  /** Name of the playground; several may run side by side. @default "default" */
  readonly name: string
  readonly underlay: Underlay
  readonly selection: Selection
  readonly nodes: readonly Node[]
  /** Network services that have match rules; others need no description. @default none */
  readonly services: readonly Service[]
  readonly endpoints: readonly Endpoint[]
  /** Links of service chains. @default none */
  readonly passthroughs: readonly Passthrough[]
  readonly clients: readonly Client[]
}

/** The network that joins the nodes. */
export interface Underlay {
  /** IPv4 prefix of the nodes' addresses. @default "10.200.0.0/24" */
  readonly ipv4: string
  /** IPv6 prefix of the nodes' addresses. @default "fd00:200::/64" */
  readonly ipv6: string
  /** Bytes of IP packet that a link of the underlay takes. @default 1500 */
  readonly mtu: number
}

/** How forwarders choose among the endpoints that match rules allow. */
export interface Selection {
  /**
   * Labels that make an endpoint near to a client when both have the same value, nearest first.
   * @default all are alike
   */
  readonly locality: readonly string[]
  /** Whether the two best endpoints for a new wire race for it. @default false */
  readonly race: boolean
}

/** One machine: a network namespace with a manager and a forwarder. */
export interface Node {
  readonly name: string
}

/** A network service. Its fields are named as in a NetworkService resource of Kubernetes. */
export interface Service {
  readonly name: string
  /** What the wires carry. @default "ETHERNET" */
  readonly payload: Payload
  /** Rules that say who gets which endpoint; the first that applies decides. */
  readonly matches: readonly Match[]
}

/** A match rule. */
export interface Match {
  /** Labels that a client must have for the rule to apply. @default none */
  readonly source_selector: Readonly<Record<string, string>>
  /** Where the client may go. */
  readonly routes: readonly {
    /** Labels that an endpoint must have. */
    readonly destination_selector: Readonly<Record<string, string>>
    /** Share of each of these endpoints among all that the rule's routes lead to. @default 1 */
    readonly weight?: number
  }[]
  /** Whether the next rules are looked at when no endpoint fits. @default false */
  readonly fallthrough: boolean
}

/** A workload that provides network services. */
export interface Endpoint {
  readonly name: string
  readonly node: string
  readonly services: readonly string[]
  /** Address pools: one group per entry, each giving every wire a pair of addresses. */
  readonly cidrs: readonly string[]
  /** Labels by which match rules choose endpoints. @default none */
  readonly labels: Readonly<Record<string, string>>
  /** What the wires carry. @default "ETHERNET" */
  readonly payload: Payload
  /**
   * File of an endpoint's program of one's own, in TypeScript or JavaScript, seen from the topology's
   * file. @default the one that answers echo requests
   */
  readonly program?: string
  /**
   * After what time without any wire it ends, such as `30s`. It is started by a supplier when the first
   * request comes, under the supplier's name and a mark of its own. @default it is there all the time
   */
  readonly on_demand?: string
}

/** A workload in the middle of a service chain: wires go in and on to the next endpoint. */
export interface Passthrough {
  readonly name: string
  readonly node: string
  /** Network services of the chain; each is described under `services`, with who comes after whom. */
  readonly services: readonly string[]
  /** Labels by which match rules lead to it, and on from it. */
  readonly labels: Readonly<Record<string, string>>
}

/** What a wire carries: frames or packets. */
export type Payload = "ETHERNET" | "IP"

/** A workload that asks for wires. */
export interface Client {
  readonly name: string
  readonly node: string
  /** Service URLs: `kernel://service[@domain][/interface][?label=value]`. */
  readonly services: readonly string[]
}
