import { type Connection, State } from "@nsm/api"

/**
 * Endpoints that a connection had before it asked to be selected anew, among names that are of other
 * hops. Its path still says so: whatever follows this hop is from before. That holds also where this
 * forwarder has restarted since, or another one has served the connection.
 */
export function formerOf({ state, path }: Connection): ReadonlySet<string> {
  if (state !== State.RESELECT_REQUESTED || !path) return new Set()
  return new Set(path.pathSegments.slice(path.index + 1).map(({ name }) => name))
}
