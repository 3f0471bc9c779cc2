import type { Connection } from "@nsm/api"
import { element, type Element } from "../../core/chain.ts"
import { NsmError } from "../../core/errors.ts"
import { connectionOf, withConnection } from "../connection.ts"
import type { NetworkService } from "../service.ts"
import { connectionKey } from "./connection-state.ts"
import { endpointBeyond } from "./endpoint-beyond.ts"

/** What a pass-through endpoint is to the match rules that lead on from it. */
export interface CompositionOptions {
  /** Its labels, which stand for the client's. */
  readonly labels: Readonly<Record<string, string>>
}

/**
 * Passes a connection on as if this endpoint had asked for it: with its own labels, and free to go to
 * the endpoint that the match rules name next, or bound to the one where it went before, even before
 * this process started anew. The caller gets its own labels and endpoint back. A connection that has
 * passed here already is refused, for its match rules would lead it round for ever.
 *
 * Placement: in a pass-through endpoint, between the caller's side and what asks the manager.
 */
export function composition({ labels }: CompositionOptions): Element<NetworkService> {
  const nextEndpoint = connectionKey<string>("next-endpoint")
  return element("composition", (next) => ({
    async request(request, call) {
      const asked = connectionOf(request)
      refuseCircle(asked)
      const { labels: callersLabels, networkServiceEndpointName } = asked
      const name = nextEndpoint.get(call) ?? (await endpointBeyond(asked, next, call))
      const own = { labels: { ...labels }, networkServiceEndpointName: name }
      const granted = await next.request(withConnection(request, own), call)
      nextEndpoint.set(call, granted.networkServiceEndpointName)
      return { ...granted, labels: callersLabels, networkServiceEndpointName }
    },
    async close(connection, call) {
      const name = nextEndpoint.take(call) ?? ""
      const own = { labels: { ...labels }, networkServiceEndpointName: name }
      await next.close({ ...connection, ...own }, call)
    },
  }))
}

function refuseCircle({ networkService, path }: Connection): void {
  const segments = path?.pathSegments.slice(0, path.index + 1) ?? []
  const own = segments.at(-1)?.name
  if (segments.findIndex(({ name }) => name === own) === segments.length - 1) return
  throw new NsmError(
    "COMPOSITION_CIRCULAR",
    `the match rules of network service ${networkService} lead back to ${own}: ${segments.map(({ name }) => name).join(" → ")}`,
  )
}
