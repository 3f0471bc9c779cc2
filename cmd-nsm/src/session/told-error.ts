import { NsmError, type Reason, reasons } from "@nsm/sdk"
import type { ErrorDescription } from "@nsm/sdk/daemon"

/** The error that a supervisor described, with all that led to it. */
export function toldError(told: ErrorDescription): NsmError {
  const { reason = "", text, hop, element, remedy, causes = [] } = told
  const led = causes.map(toldError)
  return new NsmError(reason in reasons ? (reason as Reason) : "PEER_FAILED", text, {
    ...{ hop, element, remedy },
    cause: led.length > 1 ? new AggregateError(led, text) : led[0],
  })
}
