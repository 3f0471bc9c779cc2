import { NsmError } from "@nsm/sdk"
import { ipText, parsePrefix } from "../ffi/ip.ts"
import { AF_INET } from "../ffi/libc.ts"
import { NLM_F } from "../netlink/acknowledgement.ts"
import { decodePayload, encodePayload, type Message } from "../netlink/message.ts"
import type { NetlinkRequest } from "../netlink/request.ts"
import { IFA, ifaddrmsg, RTM } from "../netlink/rtnetlink.ts"
import { raw, u32 } from "../netlink/value.ts"
import type { NamedLink } from "./link-requests.ts"

/** An IP address on an interface. */
export interface Address {
  readonly index: number
  /** With the length of its prefix: `192.0.2.1/32`. */
  readonly address: string
}

const IFA_F_NODAD = 0x02

/** Asks for an address on an interface; one that is there already is no failure. */
export function addAddress({ index, name }: NamedLink, address: string): NetlinkRequest {
  return {
    type: RTM.NEWADDR,
    flags: NLM_F.CREATE | NLM_F.REPLACE,
    payload: addressPayload(index, address),
    doing: `add address ${address} to "${name}"`,
    // What the kernel says where IPv6 is switched off, or not built in.
    reasons: { EACCES: "KERNEL_FEATURE_MISSING", EOPNOTSUPP: "KERNEL_FEATURE_MISSING" },
  }
}

/** Asks for an address to go; that it has gone already is no failure. */
export function deleteAddress({ index, name }: NamedLink, address: string): NetlinkRequest {
  return {
    type: RTM.DELADDR,
    payload: addressPayload(index, address),
    doing: `delete address ${address} from "${name}"`,
    harmless: ["EADDRNOTAVAIL"],
  }
}

/** Asks for all addresses, or those of one link, which a kernel before 4.20 does not tell apart. */
export function listAddresses({ index = 0 }: Partial<NamedLink> = {}): NetlinkRequest {
  const payload = encodePayload(ifaddrmsg, { index })
  return { type: RTM.GETADDR, payload, doing: "list addresses" }
}

/** Reads a NEWADDR message. */
export function decodeAddress({ payload }: Message): Address {
  const { fields, attributes } = decodePayload(ifaddrmsg, payload)
  const bytes = attributes.get(IFA.LOCAL) ?? attributes.get(IFA.ADDRESS)
  if (!bytes) throw new NsmError("MALFORMED_MESSAGE", "decode an address: no address in it")
  return { index: fields.index, address: `${ipText(bytes)}/${fields.prefixLength}` }
}

function addressPayload(index: number, address: string): Uint8Array {
  const { family, bytes, length } = parsePrefix(address)
  return encodePayload(ifaddrmsg, { family, prefixLength: length, index }, [
    raw(IFA.LOCAL, bytes),
    raw(IFA.ADDRESS, bytes),
    // The mesh gives each address to one interface only: nobody needs to be asked, and asking
    // keeps an IPv6 address from use for a second.
    ...(family === AF_INET ? [] : [u32(IFA.FLAGS, IFA_F_NODAD)]),
  ])
}
