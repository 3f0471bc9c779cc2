import { create } from "@bufbuild/protobuf"
import { type Connection, PathSchema } from "@nsm/api"
import type { Call } from "../../../core/call.ts"
import { element, type Element } from "../../../core/chain.ts"
import { pathInput } from "../../../policy/path-input.ts"
import type { Policies } from "../../../policy/policies.ts"
import { connectionOf } from "../../connection.ts"
import type { NetworkService } from "../../service.ts"
import { established } from "../begin/established.ts"
import { fromInside } from "../begin/from-inside.ts"
import { turnAway } from "../begin/refusal.ts"
import { Callers } from "./callers.ts"
import { onlyOwn } from "./only-own.ts"

/** What callers have to obey. */
export interface AuthorizeOptions {
  /**
   * Asked about the path from its beginning to this hop, at each request and close.
   * @default everybody may ask
   */
  readonly requests?: Policies | undefined
  /** Asked about whoever watches connections. @default everybody may watch */
  readonly watches?: Policies | undefined
}

/**
 * Lets requests, closes and watches in only if all policies allow them. What the chain starts itself
 * is not asked about.
 *
 * Placement: right after `updateToken`, which completes the path up to here; before everything that
 * keeps something per connection.
 */
export function authorize({ requests, watches }: AuthorizeOptions): Element<NetworkService> {
  return element("authorize", (next) => {
    const callers = new Callers()

    const check = async (connection: Connection, call: Call): Promise<void> => {
      const { peer } = call
      if (peer && !call.get(fromInside)) await requests?.check(leftSide(connection), peer, call)
    }

    return {
      async request(request, call) {
        const connection = connectionOf(request)
        await check(connection, call)
        callers.add(connection, call.peer)
        try {
          return await next.request(request, call)
        } catch (failure) {
          if (!call.get(established)) callers.delete(connection)
          throw failure
        }
      },
      async close(connection, call) {
        try {
          await check(connection, call)
        } catch (failure) {
          turnAway(call)
          throw failure
        }
        callers.delete(connection)
        await next.close(connection, call)
      },
      async *monitorConnections(selector, call) {
        const { peer } = call
        const events = next.monitorConnections(selector, call)
        if (!peer || !watches) {
          yield* events
          return
        }
        const selected = selector.pathSegments.map(({ id }) => id)
        if (selected.length > 0 && !selected.some((id) => callers.isKnown(id))) {
          // Who starts anew may look for what an earlier run has left, and who passes requests on
          // watches all of them by its own name: nobody else's are seen so.
          yield* onlyOwn(events, (id) => callers.isOf(peer, id))
          return
        }
        const subject = {
          spiffe_id_connection_map: callers.connections(),
          selector_connection_ids: selected,
          service_spiffe_id: peer.id ?? "",
        }
        await watches.check(subject, peer, call)
        yield* events
      },
    }
  })
}

/** The path from its beginning to this hop; what comes after is of an earlier request. */
function leftSide({ path }: Connection): ReturnType<typeof pathInput> {
  const { index, pathSegments } = path ?? create(PathSchema)
  return pathInput({ index, pathSegments: pathSegments.slice(0, index + 1) })
}
