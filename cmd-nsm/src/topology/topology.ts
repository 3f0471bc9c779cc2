/** A described playground: what stands where before the mesh does its work. */
export interface Topology {
  /** Name of the playground; several may run side by side. @default "default" */
  readonly name: string
  readonly underlay: Underlay
  readonly nodes: readonly Node[]
  readonly endpoints: readonly Endpoint[]
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

/** One machine: a network namespace with a manager and a forwarder. */
export interface Node {
  readonly name: string
}

/** A workload that provides network services. */
export interface Endpoint {
  readonly name: string
  readonly node: string
  readonly services: readonly string[]
  /** Address pools: one group per entry, each giving every wire a pair of addresses. */
  readonly cidrs: readonly string[]
  /** Labels by which match rules choose endpoints. */
  readonly labels: Readonly<Record<string, string>>
  /** What the wires carry. @default "ETHERNET" */
  readonly payload: "ETHERNET" | "IP"
}

/** A workload that asks for wires. */
export interface Client {
  readonly name: string
  readonly node: string
  /** Service URLs: `kernel://service[@domain][/interface][?label=value]`. */
  readonly services: readonly string[]
}
