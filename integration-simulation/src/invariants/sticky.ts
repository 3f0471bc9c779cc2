import type { Connection } from "@nsm/api"
import type { WireRecord } from "../parts/wire-record.ts"
import type { Invariant, Violation } from "./invariant.ts"

/** Judges every grant; what it finds is told at the next look. */
export interface Stickiness extends Invariant {
  readonly onGranted: (record: WireRecord, granted: Connection) => void
}

/** What an onlooker knows about who could keep what. */
export interface StickinessOptions {
  /** Whether nobody remembers a connection, neither its client nor the manager. */
  readonly isForgotten: (record: WireRecord) => boolean
  /** Whether an endpoint has given an address to another connection than that of this id there. */
  readonly isTaken: (endpoint: string, address: string, id: string) => boolean
  /** Whether requests were repeated about when a connection was granted, or since. */
  readonly isRepeated: (record: WireRecord) => boolean
}

/**
 * While the wire to an endpoint lives, a connection stays there; and with one endpoint its addresses
 * stay, unless they were let go of with a dead wire and another connection has them. A request to
 * select anew that arrives twice selects twice, and the client learns of the second time later.
 */
export function sticky({ isForgotten, isTaken, isRepeated }: StickinessOptions): Stickiness {
  const found: Omit<Violation, "invariant">[] = []
  return {
    name: "selection and addresses are sticky",
    onGranted(record, granted) {
      const { id, client, connection, wasDead } = record
      if (!connection || isForgotten(record)) return
      const [from, to] = [connection, granted].map((one) => one.networkServiceEndpointName)
      const place = { connection: id, hop: client }
      if (from !== to && !wasDead) {
        found.push({ ...place, text: `goes from ${from} to ${to}, though its wire lived` })
      }
      const [before = [], after = []] = [connection, granted].map(addressesOf)
      if (from !== to || String(before) === String(after) || isRepeated(record)) return
      const own = granted.path?.pathSegments.at(-1)?.id ?? ""
      if (wasDead && before.some((address) => isTaken(to ?? "", address, own))) return
      found.push({ ...place, text: `has ${String(after)} of ${to} now, and had ${String(before)}` })
    },
    *look() {
      yield* found
    },
  }
}

function addressesOf({ context }: Connection): readonly string[] {
  return context?.ipContext?.srcIpAddrs ?? []
}
