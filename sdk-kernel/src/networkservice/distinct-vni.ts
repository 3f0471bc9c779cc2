import { type Connection, MechanismParameter, MechanismType } from "@nsm/api"
import {
  element,
  type Element,
  established,
  formerVni,
  type NetworkService,
  NsmError,
  withRenewedCall,
} from "@nsm/sdk"

/** What is known of the tunnels of this node. */
export interface DistinctVniOptions {
  /** Whether a connection other than this one has a tunnel with that identifier here. */
  readonly isTaken: (vni: number, connectionId: string) => boolean
  /** How often a next hop may choose. @default 3 */
  readonly tries?: number
}

/**
 * Asks the next hop to choose again when the VXLAN identifier that it chose is in use on this node:
 * it knows its own tunnels only, and the kernel tells tunnels of different peers apart by nothing else.
 *
 * Placement: after `mechanismTranslation`.
 */
export function distinctVni({ isTaken, tries = 3 }: DistinctVniOptions): Element<NetworkService> {
  return element("distinct-vni", (next) => ({
    async request(request, call) {
      let asking = call
      for (let tried = 1; ; tried++) {
        const granted = await next.request(request, asking)
        const vni = vniOf(granted)
        if (vni === undefined || call.get(established) || !isTaken(vni, granted.id)) return granted
        await withRenewedCall(call, (renewed) => next.close(granted, renewed))
        // what an earlier connection of the client still has would be offered, and chosen, again
        asking = call.with(formerVni, undefined)
        if (tried === tries) {
          throw new NsmError(
            "ALL_CANDIDATES_FAILED",
            `the next hop chose a VXLAN identifier that is in use here ${tries} times, last ${vni}`,
          )
        }
      }
    },
  }))
}

function vniOf({ mechanism }: Connection): number | undefined {
  if (mechanism?.type !== MechanismType.VXLAN) return undefined
  return Number(mechanism.parameters[MechanismParameter.vni])
}
