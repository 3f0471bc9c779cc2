/** Which addresses a connection was given, and until when they are kept for it. */
export interface StoredLease {
  /** The connection's id at this endpoint. */
  readonly connectionId: string
  /** Who began it: identity, name and id of the first hop of its path. */
  readonly client: string
  /** The endpoint's address, as a host prefix. */
  readonly dst: string
  /** The client's. */
  readonly src: string
  /** Milliseconds since 1970 at which the client's right to it ends. */
  readonly expiresAt: number
}

/** Remembers what was given, at best longer than the process lives. */
export interface LeaseStore {
  /** What was given before. */
  readonly leases: readonly StoredLease[]
  /** Notes a lease that was given or prolonged, under connection and addresses. */
  put(lease: StoredLease): void
  /** Forgets one. */
  delete(lease: StoredLease): void
}

/** What makes a lease another one. */
export function leaseKey({ connectionId, dst, src }: StoredLease): string {
  return `${connectionId} ${dst} ${src}`
}

/** Remembers nothing beyond the process. */
export const noLeaseStore: LeaseStore = { leases: [], put() {}, delete() {} }
