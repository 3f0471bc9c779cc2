import type { Connection } from "@nsm/api"
import type { WireRecord } from "../parts/wire-record.ts"
import type { Invariant, Violation } from "./invariant.ts"

/** Judges every grant; what it finds is told at the next look. */
export interface Stickiness extends Invariant {
  readonly onGranted: (record: WireRecord, granted: Connection) => void
}

/**
 * While the wire to an endpoint lives, a connection stays there; and with one endpoint its addresses
 * stay. Nobody can keep what neither the client nor its manager remembers.
 */
export function sticky(isForgotten: (record: WireRecord) => boolean): Stickiness {
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
      const [before, after] = [connection, granted].map((one) => one.context?.ipContext?.srcIpAddrs)
      if (from === to && String(before) !== String(after)) {
        found.push({
          ...place,
          text: `has ${String(after)} of ${to} now, and had ${String(before)}`,
        })
      }
    },
    *look() {
      yield* found
    },
  }
}
