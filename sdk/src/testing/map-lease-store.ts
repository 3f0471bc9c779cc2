import { leaseKey, type LeaseStore, type StoredLease } from "../networkservice/ipam/lease-store.ts"

/** Remembers what is given for as long as a test takes: hand it to the endpoint that comes next. */
export class MapLeaseStore implements LeaseStore {
  readonly #leases = new Map<string, StoredLease>()

  get leases(): readonly StoredLease[] {
    return [...this.#leases.values()]
  }

  put(lease: StoredLease): void {
    this.#leases.set(leaseKey(lease), lease)
  }

  delete(lease: StoredLease): void {
    this.#leases.delete(leaseKey(lease))
  }
}
