import { type Liveness, NsmError, type Random } from "@nsm/sdk"
import type { Daemon } from "@nsm/sdk/daemon"
import { checkEcho, echoLiveness } from "@nsm/sdk-kernel"
import type { settings } from "./config.ts"

/** Tells whether wires carry packets; undefined where nobody wants to know or it cannot be found out. */
export function liveness({
  config: { livenessCheckEnabled, livenessCheckTimeoutMs: timeoutMs, namespaceUrl },
  log,
  random,
}: Pick<Daemon<typeof settings>, "config" | "log"> & { readonly random: Random }):
  | Liveness
  | undefined {
  if (!livenessCheckEnabled) return undefined
  try {
    checkEcho(namespaceUrl)
    return echoLiveness({ namespaceUrl, timeoutMs, random })
  } catch (failure) {
    const why = NsmError.from(failure).message
    log.warn("wires cannot be looked at: what is lost is selected anew", { why })
    return undefined
  }
}
