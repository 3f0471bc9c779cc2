import type { Outcome } from "../outcome.ts"

/** The sums of many outcomes. */
export class Tally {
  passed = 0
  /** Seeds that failed, in order. */
  readonly failed: number[] = []
  connections = 0
  requests = 0
  faults = 0
  virtualMs = 0
  /** The longest that it took in any until all wires were back. */
  recoveryMs = 0
  readonly struck = new Map<string, number>()

  add({ plan, found, struck, connections, requests, ...times }: Outcome): void {
    if (found.length === 0) this.passed += 1
    else this.failed.push(plan.seed)
    this.failed.sort((one, other) => one - other)
    this.connections += connections
    this.requests += requests
    this.virtualMs += times.virtualMs
    this.recoveryMs = Math.max(this.recoveryMs, times.recoveryMs)
    for (const [name, count] of Object.entries(struck)) {
      this.faults += count
      this.struck.set(name, (this.struck.get(name) ?? 0) + count)
    }
  }

  get done(): number {
    return this.passed + this.failed.length
  }
}
