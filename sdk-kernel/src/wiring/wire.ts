import type { InterfaceSetup } from "../interfaces/interface-setup.ts"

/** Which end of the connection a workload is. */
export type Side = "client" | "endpoint"

/** One interface in a workload's namespace, with all that is on it. */
export interface WireEnd extends InterfaceSetup {
  readonly side: Side
  /** URL of the workload's namespace. */
  readonly namespace: string
  readonly name: string
  /** Whose interface it is, so that a later forwarder knows its own; see `aliasOf`. */
  readonly alias: string
  readonly mac: string
  readonly mtu: number
}

/** The way between two nodes. */
export interface Tunnel {
  readonly local: string
  readonly remote: string
  /** UDP port of both nodes. */
  readonly port: number
  readonly vni: number
}

/** How the ends of a wire are joined. */
export type Joint = { readonly kind: "veth" } | { readonly kind: "vxlan"; readonly tunnel: Tunnel }

/**
 * All that one connection has on this node.
 *
 *     veth    client's namespace [ name ]-----[ name ] endpoint's namespace
 *     vxlan   workload's namespace [ name ]=====( node: UDP )- - -( other node )
 */
export type Wire =
  | { readonly kind: "veth"; readonly ends: readonly [client: WireEnd, endpoint: WireEnd] }
  | { readonly kind: "vxlan"; readonly ends: readonly [WireEnd]; readonly tunnel: Tunnel }

/** What all ends of all wires of one client's connection have in common: its id, as aliases have it. */
export function wireKey({ ends: [{ alias }] }: Wire): string {
  return aliasKey(alias)
}

/** The same, of the alias of an end. */
export function aliasKey(alias: string): string {
  return alias.slice("server-".length)
}
