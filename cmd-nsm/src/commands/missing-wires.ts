import { NsmError, type Reason, reasons } from "@nsm/sdk"
import type { ErrorDescription } from "@nsm/sdk/daemon"
import type { WireStatus } from "../playground/status.ts"

/** Whatever the reason is: the command line was right, and the playground answers. */
const tried = "FAILED_PRECONDITION"

/** Fails when wires are missing, with all that is known of why. */
export function refuseMissing(wires: readonly WireStatus[]): void {
  const missing = wires.filter(({ state }) => state !== "up").map(missingWire)
  const [first] = missing
  if (!first) return
  if (missing.length === 1) throw first
  const cause = new AggregateError(missing)
  const text = `${missing.length} of ${wires.length} wires are missing`
  throw new NsmError(first.reason, text, { cause, code: tried })
}

const found = {
  up: "a wire",
  healing: "a wire that was lost",
  down: "a wire that is down",
  requesting: "no wire",
} as const satisfies Record<WireStatus["state"], string>

/** Why a wire is missing. The client asks for it again and again all the while. */
export function missingWire({ client, url, state, lastError }: WireStatus): NsmError {
  const cause = lastError && errorOf(lastError)
  const reason = cause?.reason ?? "DEADLINE_EXCEEDED"
  const text = `${client} has ${found[state]} for ${url}; it asks again and again`
  return new NsmError(reason, text, { cause, code: tried })
}

function errorOf({ reason, text, hop, element, remedy, causes = [] }: ErrorDescription): NsmError {
  const [first, ...others] = causes.map(errorOf)
  const cause = others.length > 0 ? new AggregateError([first, ...others]) : first
  // The description may come from another version.
  const known: Reason = reason !== undefined && reason in reasons ? reason : "PEER_FAILED"
  return new NsmError(known, text, { hop, element, cause, remedy })
}
