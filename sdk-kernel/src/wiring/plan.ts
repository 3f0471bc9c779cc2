import { type Connection, type Mechanism, MechanismType } from "@nsm/api"
import { NsmError } from "@nsm/sdk"
import { endOf } from "./end.ts"
import { sidesOf } from "./sides.ts"
import { tunnelOf } from "./tunnel.ts"
import type { Wire } from "./wire.ts"

/** What a wire follows from. */
export interface PlanSources {
  /** The connection as granted: its context, payload and path count. */
  readonly connection: Connection
  /** The link to the caller. */
  readonly incoming: Mechanism
  /** The link to the next hop. */
  readonly outgoing: Mechanism
}

/** Works out the wire of a connection. Changes nothing. */
export function plan({ connection, incoming, outgoing }: PlanSources): Wire {
  const shared = { connection, sides: sidesOf(connection) }
  const joined = `${incoming.type} to ${outgoing.type}`
  switch (joined) {
    case `${MechanismType.KERNEL} to ${MechanismType.KERNEL}`:
      return {
        kind: "veth",
        ends: [
          endOf({ side: "client", ...shared, near: incoming, far: outgoing }),
          endOf({ side: "endpoint", ...shared, near: outgoing, far: incoming }),
        ],
      }
    case `${MechanismType.KERNEL} to ${MechanismType.VXLAN}`:
      return {
        kind: "vxlan",
        ends: [endOf({ side: "client", ...shared, near: incoming, far: outgoing })],
        tunnel: tunnelOf("client", outgoing),
      }
    case `${MechanismType.VXLAN} to ${MechanismType.KERNEL}`:
      return {
        kind: "vxlan",
        ends: [endOf({ side: "endpoint", ...shared, near: outgoing, far: incoming })],
        tunnel: tunnelOf("endpoint", incoming),
      }
    default:
      throw new NsmError(
        "MECHANISM_UNSUPPORTED",
        `this forwarder does not join ${joined}; it joins KERNEL to KERNEL, and KERNEL to VXLAN`,
      )
  }
}
