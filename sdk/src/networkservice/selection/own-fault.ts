import { type NsmError, rootCause } from "../../core/errors.ts"
import type { Reason } from "../../core/reasons.ts"

/** Faults of an endpoint, or of what leads to it, wherever they are noticed. */
const faults: ReadonlySet<Reason> = new Set<Reason>([
  // Nobody is there, or nobody that can be believed.
  "PEER_UNREACHABLE",
  "PEER_NOT_TRUSTED",
  // It failed and gave no reason of ours, as endpoints of other implementations do.
  "PEER_FAILED",
])

/** Faults that count only where another process reports them: here they are this forwarder's own. */
const faultsBeyond: ReadonlySet<Reason> = new Set<Reason>([
  // It is going, or its registration is older than what its own manager knows.
  "SHUTTING_DOWN",
  "ENDPOINT_NOT_FOUND",
  // Its node cannot make the wire: no forwarder there, no namespace any more, a kernel that refuses.
  "FORWARDER_NOT_FOUND",
  "NAMESPACE_NOT_FOUND",
  "KERNEL_REFUSED",
  "KERNEL_FEATURE_MISSING",
  "PRIVILEGE_MISSING",
  // It, or a hop before it, is not set up as it should be.
  "IDENTITY_MISSING",
  "POLICY_FAILED",
  "UNIMPLEMENTED",
  "INTERNAL",
])

/** An answer that took longer than this is late by its own fault, and not by the client's haste. */
const patientMs = 1000

/**
 * Whether an endpoint that failed did so by its own fault, so that it would fail others too. It is
 * not to blame for what the client sent or may not do, nor for being full: others may still fit in.
 */
export function isOwnFault(failure: NsmError, tookMs: number): boolean {
  const { reason, hop } = rootCause(failure)
  if (reason === "DEADLINE_EXCEEDED") return tookMs >= patientMs
  return faults.has(reason) || (hop !== undefined && faultsBeyond.has(reason))
}
