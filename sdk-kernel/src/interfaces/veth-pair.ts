import type { Link } from "../links/link.ts"
import type { NetworkNamespace } from "../namespace/network-namespace.ts"
import type { InterfaceSetup } from "./interface-setup.ts"

/** One end of a virtual cable. */
export interface VethEnd extends InterfaceSetup {
  readonly namespace: NetworkNamespace
  readonly name: string
}

/**
 * Makes a virtual cable, each end inside its namespace with all that it shall have, or nothing.
 *
 *     namespace one [ name ]---------[ name ] namespace two
 */
export async function createVethPair(
  one: VethEnd,
  two: VethEnd,
): Promise<readonly [one: Link, two: Link]> {
  throw new Error(`not written yet: ${JSON.stringify({ one, two })}`)
}
