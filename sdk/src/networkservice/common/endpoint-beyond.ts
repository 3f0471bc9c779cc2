import { create } from "@bufbuild/protobuf"
import { type Connection, MonitorScopeSelectorSchema, State } from "@nsm/api"
import { type Call, callScope } from "../../core/call.ts"
import { NsmError } from "../../core/errors.ts"
import type { NetworkService } from "../service.ts"

/** How long the next hop may take to tell. */
const patienceMs = 1000

/**
 * The endpoint to which the next hop still leads a connection that has gone on from here before, for a
 * process that has started anew since and does not know. Empty where there is none.
 */
export async function endpointBeyond(
  { id, path, state }: Connection,
  next: Pick<NetworkService, "monitorConnections">,
  call: Call,
): Promise<string> {
  const { index = 0, pathSegments = [] } = path ?? {}
  const own = pathSegments[index]
  if (!own || pathSegments.length <= index + 1 || state === State.RESELECT_REQUESTED) return ""
  const selector = create(MonitorScopeSelectorSchema, { pathSegments: [{ name: own.name, id }] })
  const { clock, signal, deadline = Infinity, log } = call
  const limit = Math.min(deadline, clock.now() + patienceMs)
  using scope = callScope({ clock, signal, deadline: limit })
  try {
    const asking = call.renewed({ signal: scope.signal, deadline: limit })
    for await (const { connections } of next.monitorConnections(selector, asking)) {
      // The first event holds all that there are.
      const found = Object.values(connections).find((one) => one.path?.index === index + 1)
      return found?.networkServiceEndpointName ?? ""
    }
  } catch (failure) {
    signal.throwIfAborted()
    log.debug("the next hop does not tell where a connection goes", {
      connectionId: id,
      error: NsmError.from(failure),
    })
  }
  return ""
}
