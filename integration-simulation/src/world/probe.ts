import {
  type Call,
  connectionOf,
  decodeToken,
  element,
  type Element,
  type NetworkService,
} from "@nsm/sdk"
import type { Connection } from "@nsm/api"
import { connectionIdOf } from "./connection-id.ts"
import type { SimProcess } from "./sim-process.ts"
import type { World } from "./world.ts"

/** Whose chain it stands in. */
export interface ProbeOptions {
  readonly world: World
  readonly process: SimProcess
}

/**
 * Writes down what a hop holds, and judges the tokens of what it is asked for by itself, whatever
 * policies said.
 *
 * Placement: where observers stand, behind `begin` and `authorize`.
 */
export function probe({ world, process }: ProbeOptions): Element<NetworkService> {
  const { books } = world
  const { name: hop } = process
  return element("probe", (next) => ({
    async request(request, call) {
      books.request(hop)
      const asked = connectionOf(request)
      const { until, fault } = authorization(asked, call)
      const clientId = connectionIdOf(asked)
      if (fault !== undefined) books.unauthorized.push({ hop, clientId, fault })
      else books.authorized(hop, clientId, until)
      const granted = await next.request(request, call)
      // What the dead still think is nobody's.
      if (!process.isDead) books.granted(hop, { ...granted, id: asked.id })
      return granted
    },
    async close(connection, call) {
      books.closed(hop, connection.id)
      await next.close(connection, call)
    },
  }))
}

/** Until when the tokens from the client up to this hop hold; or what is wrong with them. */
function authorization(
  { path }: Connection,
  { clock }: Call,
): { readonly until: number; readonly fault?: string } {
  const segments = path?.pathSegments.slice(0, path.index + 1) ?? []
  let until = Infinity
  let audience: readonly string[] | string | undefined
  for (const { name, token } of segments) {
    const claims = decodeToken(token)
    if (audience && !audience.includes(claims.subject)) {
      return { until, fault: `the token before that of ${name} is for ${String(audience)}` }
    }
    const end = claims.expiresAt ?? 0
    if (end <= clock.now()) return { until, fault: `the token of ${name} has ended` }
    until = Math.min(until, end)
    audience = claims.audience
  }
  return { until }
}
