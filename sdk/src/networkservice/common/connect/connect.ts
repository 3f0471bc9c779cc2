import type { Connection, NetworkServiceRequest } from "@nsm/api"
import type { Call } from "../../../core/call.ts"
import { element, type Element } from "../../../core/chain.ts"
import { NsmError } from "../../../core/errors.ts"
import type { Transport } from "../../../transport/transport.ts"
import { connectionOf } from "../../connection.ts"
import { networkServiceWire, type NetworkService } from "../../service.ts"
import { connectionKey } from "../connection-state.ts"
import { nextUrl } from "../next-url.ts"

/** What carries calls to the next hop. */
export interface ConnectOptions {
  readonly transport: Pick<Transport, "client">
}

/**
 * Calls the next hop, at the URL that the elements before chose. When that changes, the connection
 * is closed where it was; closing goes where the connection is, whatever the URL has become.
 *
 * Placement: last; it never calls on.
 */
export function connect({ transport }: ConnectOptions): Element<NetworkService> {
  const remote = connectionKey<Remote>("remote")
  const at = (url: string): NetworkService => transport.client(url, networkServiceWire)
  return element("connect", () => ({
    async request(request, call) {
      const url = chosenUrl(call)
      const held = remote.get(call)
      if (held && held.url !== url) {
        remote.take(call)
        await letGo(at(held.url), held, call)
      }
      const connection = kept(request, await at(url).request(request, call))
      remote.set(call, { url, connection })
      return connection
    },
    async close(connection, call) {
      const held = remote.take(call)
      if (held) await at(held.url).close(connection, call)
    },
    monitorConnections: (selector, call) => at(chosenUrl(call)).monitorConnections(selector, call),
  }))
}

/** Where a connection is, and what was granted there. */
interface Remote {
  readonly url: string
  readonly connection: Connection
}

/** What was granted, under this hop's own id and at its place, on which the whole chain relies. */
function kept(request: NetworkServiceRequest, granted: Connection): Connection {
  const { id, path: { index = 0 } = {} } = connectionOf(request)
  const { path } = granted
  if (granted.id === id && path?.index === index) return granted
  return { ...granted, id, ...(path && { path: { ...path, index } }) }
}

/** A hop that is left is often gone; what it still holds expires there. */
async function letGo(hop: NetworkService, { url, connection }: Remote, call: Call): Promise<void> {
  try {
    await hop.close(connection, call)
  } catch (failure) {
    call.log.debug("former hop did not close", { url, error: failure })
  }
}

function chosenUrl(call: Call): string {
  const url = call.get(nextUrl)
  if (url === undefined)
    throw new NsmError("INTERNAL", "no element before this one chose the next hop")
  return url
}
