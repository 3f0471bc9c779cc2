import type { Peer } from "../../core/call.ts"
import type { IdentitySource } from "../../identity/identity.ts"

/** A process of a simulation as its peers see it, who take its word for who it is. */
export function memoryPeer(address: string, identity: IdentitySource | undefined): Peer {
  if (!identity) return { address }
  const { id, certificates } = identity.current.svid
  return { address, id, certificate: certificates[0] }
}
