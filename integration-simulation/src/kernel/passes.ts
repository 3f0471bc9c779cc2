import type { Connection } from "@nsm/api"
import { connectionIdOf } from "../world/connection-id.ts"
import { clientsEnds } from "./alias.ts"
import type { Interface } from "./interface.ts"
import type { Kernel } from "./kernel.ts"
import type { Namespace } from "./namespace.ts"

/** Whether a packet goes from a client's address to its endpoint's and back, for each pair of them. */
export function passes(kernel: Kernel, home: Namespace, connection: Connection): boolean {
  const { context } = connection
  const own = clientsEnds(home, connectionIdOf(connection))
  const [first] = own
  if (!first || own.length > 1) return false
  const other = kernel.otherEnd(first)
  if (!other || other.namespace.isHung) return false
  // Back another way than there is no way.
  if (kernel.otherEnd(other) !== first) return false
  const { srcIpAddrs = [], dstIpAddrs = [] } = context?.ipContext ?? {}
  return hasAll(first, srcIpAddrs) && hasAll(other, dstIpAddrs)
}

function hasAll({ setup }: Interface, addresses: readonly string[]): boolean {
  return addresses.every((address) => setup.addresses?.includes(address))
}
