import type { Clock, LeaseStore, StoredLease } from "@nsm/sdk"

/** What an endpoint has written down. It outlives the process, which loses only what is under way. */
export class Disk {
  readonly #leases = new Map<string, StoredLease>()
  /** How long writing takes. */
  delayMs = 5

  /** The store of one run of the process, whose clock stops with it. */
  store(clock: Clock): LeaseStore {
    const write = (change: () => void): void => void clock.schedule(this.delayMs, change)
    return {
      leases: [...this.#leases.values()],
      put: (lease) => write(() => this.#leases.set(leaseKey(lease), lease)),
      delete: (lease) => write(() => this.#leases.delete(leaseKey(lease))),
    }
  }
}

/** What makes a lease another one. */
function leaseKey({ connectionId, dst, src }: StoredLease): string {
  return `${connectionId} ${dst} ${src}`
}
