import { createHash } from "node:crypto"
import type { Connection } from "@nsm/api"
import { NsmError, subjectOf } from "@nsm/sdk"
import type { Side } from "./wire.ts"

/**
 * Name of a wire's end in the kernel: `server-` at the client, `client-` at the endpoint, and the
 * client's own connection id, which stays the same when forwarders or endpoints change. Clients
 * choose their ids, so who the client is goes in too: nobody takes over the wire of somebody else.
 */
export function aliasOf(side: Side, connection: Connection): string {
  const { id, token = "" } = connection.path?.pathSegments[0] ?? {}
  const subject = subjectOf(token)
  const who = subject === undefined ? "" : `~${digestOf(subject)}`
  return `${side === "client" ? "server" : "client"}-${word(id || connection.id, longestId)}${who}`
}

/** An alias takes 255 bytes, and the owner has to go in as well; see `ownedAlias`. */
const longestId = 128

/** A text as one word of printable ASCII, no longer than that; what is the same stays the same. */
export function word(text: string, longest: number): string {
  const plain = text.toWellFormed().replaceAll(/[^!-$&-~]/gu, encodeURIComponent)
  if (plain.length <= longest) return plain
  const digest = digestOf(plain)
  return `${plain.slice(0, longest - digest.length - 1)}~${digest}`
}

function digestOf(text: string): string {
  return createHash("sha256").update(text).digest("hex").slice(0, 16)
}

/**
 * A hardware address that follows from the alias: the plan can name it before the interface exists,
 * and neighbours stay right when a wire is made anew.
 */
export function macOf(alias: string): string {
  const [first = 0, ...rest] = createHash("sha256").update(alias).digest().subarray(0, 6)
  // locally administered, for one station: IEEE 802, second and lowest bit of the first byte
  return [(first & 0xfc) | 0x02, ...rest]
    .map((byte) => byte.toString(16).padStart(2, "0"))
    .join(":")
}

/** Reads a hardware address: six hexadecimal bytes. */
export function parseMac(text: string, field: string): string {
  const mac = text.toLowerCase()
  if (/^[0-9a-f]{2}(:[0-9a-f]{2}){5}$/.test(mac)) return mac
  throw new NsmError(
    "INVALID_REQUEST",
    `${field} holds "${text}", which is no hardware address; write 02:00:00:00:00:01`,
  )
}
