import { NsmError } from "@nsm/sdk"
import { AF_INET } from "../ffi/libc.ts"

/** An echo request or reply, of ICMP (RFC 792) or ICMPv6 (RFC 4443). */
export interface EchoPacket {
  readonly identifier: number
  readonly sequence: number
  readonly data: Uint8Array
}

/** Types of echo messages. */
export const ECHO = { REQUEST: 8, REPLY: 0, REQUEST6: 128, REPLY6: 129 } as const

const headerSize = 8

/** An echo request. The checksum of ICMPv6 is the kernel's to add, as it knows the source address. */
export function encodeEchoRequest(
  family: number,
  { identifier, sequence, data }: EchoPacket,
): Uint8Array {
  const bytes = new Uint8Array(headerSize + data.length)
  const view = new DataView(bytes.buffer)
  view.setUint8(0, family === AF_INET ? ECHO.REQUEST : ECHO.REQUEST6)
  view.setUint16(4, identifier)
  view.setUint16(6, sequence)
  bytes.set(data, headerSize)
  if (family === AF_INET) view.setUint16(2, checksum(bytes))
  return bytes
}

/** Reads an ICMP or ICMPv6 message; undefined unless it is a reply. */
export function decodeEchoReply(family: number, bytes: Uint8Array): EchoPacket | undefined {
  if (bytes.length < headerSize) {
    throw new NsmError("MALFORMED_MESSAGE", `decode an echo reply: ${bytes.length} bytes`)
  }
  if (bytes[0] !== (family === AF_INET ? ECHO.REPLY : ECHO.REPLY6)) return undefined
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  return {
    identifier: view.getUint16(4),
    sequence: view.getUint16(6),
    data: bytes.subarray(headerSize),
  }
}

/** What an IPv4 packet carries (RFC 791, section 3.1: its header says its own length). */
export function withoutIpHeader(received: Uint8Array): Uint8Array {
  return received.subarray(((received[0] ?? 0) & 0x0f) * 4)
}

/** The checksum of RFC 1071, which is 0 over bytes that hold theirs. */
export function checksum(bytes: Uint8Array): number {
  let sum = 0
  for (let at = 0; at < bytes.length; at += 2) sum += ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0)
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >> 16)
  return ~sum & 0xffff
}
