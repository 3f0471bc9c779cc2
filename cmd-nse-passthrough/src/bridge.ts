import { type Mechanism, MechanismParameter } from "@nsm/api"
import {
  connectionOf,
  element,
  type Element,
  type NetworkService,
  NsmError,
  orClose,
  outgoingMechanism,
} from "@nsm/sdk"
import { type Joint, jointOf } from "./joint.ts"

/** What joins interfaces; `Bridges` does. */
export interface Joints {
  join(joint: Joint): void
  part(bridge: string): Promise<void>
}

/**
 * Joins the two wires of a connection in the endpoint's namespace, so that packets, and the questions
 * for hardware addresses before them, go from end to end.
 *
 *     client ------[ in  bridge  out ]------ next endpoint
 *
 * Placement: between `mechanisms`, which settles the caller's side, and `mechanismTranslation`.
 */
export function bridge({ joints }: { joints: Joints }): Element<NetworkService> {
  return element("bridge", (next) => ({
    async request(request, call) {
      const granted = await next.request(request, call)
      return await orClose(next, call, (connection) => {
        const towardsClient = interfaceOf(connectionOf(request).mechanism)
        const towardsEndpoint = interfaceOf(outgoingMechanism.get(call))
        const ports = [towardsClient, towardsEndpoint] as const
        joints.join({ bridge: jointOf(connection.id).bridge, ports })
        return connection
      })(granted)
    },
    async close(connection, call) {
      try {
        await next.close(connection, call)
      } finally {
        await joints.part(jointOf(connection.id).bridge)
      }
    },
  }))
}

function interfaceOf(mechanism: Mechanism | undefined): string {
  const name = mechanism?.parameters[MechanismParameter.name]
  if (name) return name
  throw new NsmError(
    "MECHANISM_UNSUPPORTED",
    `a pass-through endpoint joins two kernel interfaces, and one side has ${mechanism?.type ?? "none"}`,
  )
}
