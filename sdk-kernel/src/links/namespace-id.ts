import type { NetworkNamespace } from "../namespace/network-namespace.ts"
import { NLM_F } from "../netlink/acknowledgement.ts"
import { decodePayload, encodePayload } from "../netlink/message.ts"
import type { NetlinkRequest } from "../netlink/request.ts"
import { NETNSA, rtgenmsg, RTM } from "../netlink/rtnetlink.ts"
import { readI32, u32 } from "../netlink/value.ts"

/** The number by which a namespace knows another, as links name it; undefined when it has none. */
export function namespaceId(
  namespace: NetworkNamespace,
  other: NetworkNamespace,
): number | undefined {
  const [[reply] = []] = namespace.netlink.request([
    about(RTM.GETNSID, other, { doing: "ask for the number of a namespace" }),
  ])
  const value = reply && decodePayload(rtgenmsg, reply.payload).attributes.get(NETNSA.NSID)
  const id = value ? readI32(value) : -1
  return id < 0 ? undefined : id
}

/**
 * Has a namespace know another by a number, which it may do already: only then do its sockets hear
 * of events over there (`linkEvents`). It does not keep the other one alive.
 */
export function knowNamespace(namespace: NetworkNamespace, other: NetworkNamespace): void {
  namespace.netlink.request([
    about(
      RTM.NEWNSID,
      other,
      { doing: "give a namespace a number", flags: NLM_F.CREATE, harmless: ["EEXIST"] },
      [u32(NETNSA.NSID, anyNumber)],
    ),
  ])
}

/** -1: the kernel chooses. */
const anyNumber = 0xffffffff

function about(
  type: number,
  { fd }: NetworkNamespace,
  rest: Pick<NetlinkRequest, "doing" | "flags" | "harmless">,
  attributes: readonly ReturnType<typeof u32>[] = [],
): NetlinkRequest {
  const payload = encodePayload(rtgenmsg, {}, [...attributes, u32(NETNSA.FD, fd)])
  return { type, payload, ...rest }
}
