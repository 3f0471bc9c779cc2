/** What the mesh promises, in milliseconds; the README says it in words. */
export const bounds = {
  /** From the end of all faults until packets pass through every wire that is wanted. */
  recoveryMs: 30_000,
  /** From the end of a chain of tokens until its wire is gone, if its forwarder runs. */
  removalMs: 30_000,
  /** From a close on a calm day until nothing is left of the connection. */
  closeMs: 5000,
  /** How long a hop may still clean up after the time limit of a call. */
  afterDeadlineMs: 20_000,
  /** Requests at a hop per connection and refresh period on a calm day. */
  requestsPerPeriod: 2,
  /** Timers that a process may set per second on a calm day, and per connection in addition. */
  timersPerSecond: 20,
  timersPerConnection: 12,
} as const
