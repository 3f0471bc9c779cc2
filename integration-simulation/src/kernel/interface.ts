import type { Tunnel, WireEnd } from "@nsm/sdk-kernel"
import type { Namespace } from "./namespace.ts"

/** An interface in a workload's namespace: one end of a wire. */
export interface Interface {
  readonly namespace: Namespace
  /** The kernel's number for it. */
  readonly index: number
  readonly name: string
  readonly alias: string
  readonly mac: string
  /** Name of the forwarder that made it. */
  readonly owner: string
  /** Where a tunnel leads; undefined for a pair. */
  readonly tunnel: Tunnel | undefined
  /** The other end of a pair. */
  peer: Interface | undefined
  /** Addresses, routes and all that can change while it stands. */
  setup: WireEnd
}
