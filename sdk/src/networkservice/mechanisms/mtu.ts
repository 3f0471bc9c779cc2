import { create } from "@bufbuild/protobuf"
import { ConnectionContextSchema } from "@nsm/api"
import { element, type Element } from "../../core/chain.ts"
import { connectionOf, withConnection } from "../connection.ts"
import type { NetworkService } from "../service.ts"

/** The MTU that a wire begins with. */
export interface MtuOptions {
  /** Bytes; a request that names an MTU keeps it. @default 9000 */
  readonly mtu?: number
}

/**
 * Gives a connection its first MTU, which the tunnels on its way then lower.
 *
 * Placement: in a forwarder, before `mechanisms`.
 */
export function mtu({ mtu: initial = 9000 }: MtuOptions = {}): Element<NetworkService> {
  return element("mtu", (next) => ({
    async request(request, call) {
      const { context = create(ConnectionContextSchema) } = connectionOf(request)
      if (context.MTU !== 0) return next.request(request, call)
      return next.request(withConnection(request, { context: { ...context, MTU: initial } }), call)
    },
  }))
}
