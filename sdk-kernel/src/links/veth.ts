import { encodePayload } from "../netlink/message.ts"
import type { NetlinkRequest } from "../netlink/request.ts"
import { ifinfomsg, VETH_INFO } from "../netlink/rtnetlink.ts"
import { raw } from "../netlink/value.ts"
import { birthAttributes, createLink, type LinkBirth } from "./link-requests.ts"

/**
 * As many as ends use: packets go over in the context of who sends them. The kernel would make one
 * for each processor that the machine may have, and shows and announces each to the world.
 */
const queues = 1

/** Asks for a virtual cable. The peer's namespace is the asked one's, unless it names its own. */
export function createVeth(one: LinkBirth, two: LinkBirth): NetlinkRequest {
  const peer = encodePayload(ifinfomsg, {}, birthAttributes({ queues, ...two }))
  return {
    ...createLink("veth", { queues, ...one }, [raw(VETH_INFO.PEER, peer)]),
    doing: `create veth "${one.name}" with peer "${two.name}"`,
  }
}
