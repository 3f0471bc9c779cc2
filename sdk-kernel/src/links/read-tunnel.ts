import { ipText } from "../ffi/ip.ts"
import { attributesOf } from "../netlink/attribute.ts"
import { IFLA_VXLAN } from "../netlink/rtnetlink.ts"
import { readU16be, readU32 } from "../netlink/value.ts"
import type { VxlanTunnel } from "./vxlan.ts"

/** Reads the data of a VXLAN device; undefined for one that is no tunnel from one node to another. */
export function readTunnel(data: Uint8Array): Required<VxlanTunnel> | undefined {
  const attributes = attributesOf(data)
  const local = attributes.get(IFLA_VXLAN.LOCAL) ?? attributes.get(IFLA_VXLAN.LOCAL6)
  const remote = attributes.get(IFLA_VXLAN.GROUP) ?? attributes.get(IFLA_VXLAN.GROUP6)
  const [vni, port] = [attributes.get(IFLA_VXLAN.ID), attributes.get(IFLA_VXLAN.PORT)]
  if (!local || !remote || !vni || !port) return undefined
  return {
    vni: readU32(vni),
    local: ipText(local),
    remote: ipText(remote),
    port: readU16be(port),
  }
}
