import type { Connection, Mechanism } from "@nsm/api"
import { element, type Element } from "../../core/chain.ts"
import { connectionKey } from "../common/connection-state.ts"
import { connectionOf, withConnection } from "../connection.ts"
import type { NetworkService } from "../service.ts"

/** The mechanism on the side of the next hop. Set by `mechanismTranslation` when it is granted. */
export const outgoingMechanism = connectionKey<Mechanism>("outgoing-mechanism")

/**
 * Keeps the mechanisms of the two sides of a hop apart: the caller's stays here, the next hop's
 * comes from the preferences that follow, or is the one that was granted before.
 *
 * Placement: between what serves the caller's mechanism and what offers one to the next hop.
 */
export function mechanismTranslation(): Element<NetworkService> {
  return element("mechanism-translation", (next) => ({
    async request(request, call) {
      const incoming = connectionOf(request).mechanism
      const granted = await next.request(
        {
          ...withConnection(request, { mechanism: outgoingMechanism.get(call) }),
          mechanismPreferences: [],
        },
        call,
      )
      if (granted.mechanism) outgoingMechanism.set(call, granted.mechanism)
      return withMechanism(granted, incoming)
    },
    async close(connection, call) {
      await next.close(withMechanism(connection, outgoingMechanism.take(call)), call)
    },
  }))
}

function withMechanism(connection: Connection, mechanism: Mechanism | undefined): Connection {
  return { ...connection, mechanism }
}
