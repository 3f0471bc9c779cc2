import { timestampMs } from "@bufbuild/protobuf/wkt"
import type { Connection } from "@nsm/api"
import { subjectOf } from "../../identity/subject-of.ts"
import { formatPrefix, parsePrefix } from "../../tools/prefix.ts"
import { ipContextOf } from "../connection.ts"
import type { AddressPair } from "./address-pair.ts"
import { leaseKey, type LeaseStore, type StoredLease } from "./lease-store.ts"
import { giveBack, type Lease, obtainPair, type PairPool } from "./pair-pool.ts"

/** A lease with the note of it in the store. */
export interface NotedLease extends Lease {
  /** Undefined where nothing says until when it holds. */
  readonly note: StoredLease | undefined
}

/**
 * Notes in a store what is given, and keeps what was given before the process began: nobody else gets
 * it until those have come who had it, or their time is over.
 */
export class KeptLeases {
  readonly #store: LeaseStore
  readonly #leases = new Map<string, NotedLease & { readonly note: StoredLease }>()

  constructor(pools: readonly PairPool[], store: LeaseStore) {
    this.#store = store
    for (const note of store.leases) {
      const pair = pairOf(note)
      const lease = pair && obtainPair(pools, pair)
      if (lease) this.#leases.set(leaseKey(note), { ...lease, note })
    }
  }

  /** Hands over what is kept for a connection: by its id here, else by who began it. */
  take(connection: Connection, now: number): NotedLease | undefined {
    this.#endOverdue(now)
    if (this.#leases.size === 0) return undefined
    const all = [...this.#leases.values()]
    const found =
      all.find(({ note }) => note.connectionId === connection.id) ?? clientsLease(connection, all)
    if (found) this.#leases.delete(leaseKey(found.note))
    return found
  }

  /** Keeps again what its connection did not come about with. */
  keep(lease: NotedLease): void {
    const { note } = lease
    if (note) this.#leases.set(leaseKey(note), { ...lease, note })
  }

  /** Notes that a connection has a lease, in place of the one that it had. */
  note(connection: Connection, lease: Lease, before: NotedLease | undefined): NotedLease {
    const note = noteOf(connection, lease)
    const key = note && leaseKey(note)
    if (before?.note && leaseKey(before.note) !== key) this.#store.delete(before.note)
    if (note) this.#store.put(note)
    return { ...lease, note }
  }

  /** Forgets a lease that its connection has given back. */
  delete({ note }: NotedLease): void {
    if (note) this.#store.delete(note)
  }

  #endOverdue(now: number): void {
    for (const [key, lease] of this.#leases) {
      if (lease.note.expiresAt > now) continue
      this.#leases.delete(key)
      this.#store.delete(lease.note)
      giveBack(lease)
    }
  }
}

/**
 * What was given to whoever began a connection. It can be several, when the client or a hop restarted
 * and nobody closed what was before: then the one that it brings, else the one that ends last.
 */
function clientsLease<L extends { readonly note: StoredLease }>(
  connection: Connection,
  leases: readonly L[],
): L | undefined {
  const client = clientOf(connection)
  if (client === "") return undefined
  const { srcIpAddrs } = ipContextOf(connection)
  const own = leases.filter(({ note }) => note.client === client)
  return (
    own.find(({ note }) => srcIpAddrs.includes(note.src)) ??
    own.toSorted((one, other) => other.note.expiresAt - one.note.expiresAt)[0]
  )
}

function noteOf(connection: Connection, { pair: { dst, src } }: Lease): StoredLease | undefined {
  const { id: connectionId, path } = connection
  // Nobody's token lasts beyond it, as for `timeout`.
  const expires = path?.pathSegments[Math.max(0, path.index - 1)]?.expires
  return (
    expires && {
      connectionId,
      client: clientOf(connection),
      dst: formatPrefix(dst),
      src: formatPrefix(src),
      expiresAt: timestampMs(expires),
    }
  )
}

/** Who began a connection: identity, name and id of its first hop; empty where nobody is known. */
function clientOf({ path }: Connection): string {
  const first = path?.pathSegments[0]
  return first ? [subjectOf(first.token) ?? "", first.name, first.id].join(" ") : ""
}

function pairOf({ dst, src }: StoredLease): AddressPair | undefined {
  const [dstHost, srcHost] = [parsePrefix(dst), parsePrefix(src)]
  return dstHost && srcHost && { dst: dstHost, src: srcHost }
}
