import { create } from "@bufbuild/protobuf"
import {
  type Mechanism,
  MechanismClass,
  MechanismParameter,
  MechanismPort,
  MechanismSchema,
  MechanismType,
  Payload,
} from "@nsm/api"
import { element, type Element } from "../../core/chain.ts"
import { createKey } from "../../core/key.ts"
import { connectionOf, withConnection } from "../connection.ts"
import type { NetworkService } from "../service.ts"
import { lowerMtu, mtuOf } from "./tunnel-mtu.ts"

/** What the asking side of a VXLAN tunnel says. */
export interface VxlanPreferenceOptions {
  /** Its address on the underlay. */
  readonly tunnelIp: string
  /** Its UDP port. @default 4789 */
  readonly tunnelPort?: number
  /** The largest packet that fits, as `tunnelMtu` counts it. */
  readonly mtu: number
}

/** The identifier of a tunnel that an earlier forwarder left in the kernel for the connection. */
export const formerVni = createKey<number | undefined>("former-vni", undefined)

/**
 * Offers the next hop a VXLAN tunnel if the payload is Ethernet, under the identifier that the wire had
 * before this forwarder started, for a next hop that does not know it any more either.
 *
 * Placement: before `filterMechanisms`.
 */
export function vxlanPreference({
  tunnelIp,
  tunnelPort = MechanismPort.VXLAN,
  mtu,
}: VxlanPreferenceOptions): Element<NetworkService> {
  const complete = (mechanism: Mechanism): Mechanism => ({
    ...mechanism,
    parameters: {
      ...mechanism.parameters,
      [MechanismParameter.srcIp]: tunnelIp,
      [MechanismParameter.srcPort]: String(tunnelPort),
      [MechanismParameter.mtu]: String(lowerMtu(mtuOf(mechanism), mtu)),
    },
  })
  return element("vxlan-preference", (next) => ({
    async request(request, call) {
      const { mechanism, payload } = connectionOf(request)
      if (mechanism?.type === MechanismType.VXLAN) {
        return next.request(withConnection(request, { mechanism: complete(mechanism) }), call)
      }
      if (mechanism || payload !== Payload.ETHERNET) return next.request(request, call)
      const offered = create(MechanismSchema, {
        cls: MechanismClass.REMOTE,
        type: MechanismType.VXLAN,
      })
      const former = call.get(formerVni)
      if (former !== undefined) offered.parameters[MechanismParameter.vni] = String(former)
      const mechanismPreferences = [...request.mechanismPreferences, complete(offered)]
      return next.request({ ...request, mechanismPreferences }, call)
    },
  }))
}
