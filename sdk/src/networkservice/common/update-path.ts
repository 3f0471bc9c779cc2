import { create } from "@bufbuild/protobuf"
import { type Connection, type PathSegment, PathSchema, PathSegmentSchema } from "@nsm/api"
import { element, type Element } from "../../core/chain.ts"
import { NsmError } from "../../core/errors.ts"
import type { Random } from "../../core/random.ts"
import { connectionOf } from "../connection.ts"
import type { NetworkService } from "../service.ts"

/** Who this hop is. */
export interface UpdatePathOptions {
  /** Name of the process in paths. One process takes one segment. */
  readonly name: string
  /** Where ids come from. */
  readonly random: Random
}

/**
 * Adds this hop to the connection's path, and gives the caller its own id and place back.
 *
 * Placement: first; whatever is kept per connection is kept under the id that is set here.
 */
export function updatePath(hop: UpdatePathOptions): Element<NetworkService> {
  return element("update-path", (next) => ({
    async request(request, call) {
      const { connection, caller } = enter(connectionOf(request), hop)
      const granted = await next.request({ ...request, connection }, call)
      return leave(granted, caller)
    },
    async close(connection, call) {
      await next.close(enter(connection, hop).connection, call)
    },
  }))
}

/** A place in a path, and the id that the connection has there. */
interface Place {
  readonly id: string
  readonly index: number
}

function enter(
  connection: Connection,
  hop: UpdatePathOptions,
): { connection: Connection; caller: Place } {
  const { index = 0, pathSegments = [] } = connection.path ?? {}
  if (pathSegments.length === 0) {
    const first = { id: connection.id || hop.random.uuid(), index: 0 }
    return { connection: placed(connection, first, [segmentOf(hop, first.id)]), caller: first }
  }
  const sender = pathSegments[index]
  if (!sender) throw indexOutside(index, pathSegments.length)
  const caller = { id: sender.id, index }
  if (sender.name === hop.name) return { connection: { ...connection, id: sender.id }, caller }
  if (sender.id !== connection.id) throw idContradicts(connection.id, index, sender)
  const own = ownSegment(pathSegments[index + 1], hop)
  const segments = [...pathSegments.slice(0, index + 1), own, ...pathSegments.slice(index + 2)]
  return { connection: placed(connection, { id: own.id, index: index + 1 }, segments), caller }
}

/** A hop keeps its id as long as it follows the same caller; a hop in another's place gets its own. */
function ownSegment(known: PathSegment | undefined, hop: UpdatePathOptions): PathSegment {
  if (!known) return segmentOf(hop, hop.random.uuid())
  if (known.name === hop.name && known.id !== "") return known
  return { ...known, name: hop.name, id: hop.random.uuid() }
}

function segmentOf({ name }: UpdatePathOptions, id: string): PathSegment {
  return create(PathSegmentSchema, { name, id })
}

function placed(connection: Connection, { id, index }: Place, segments: PathSegment[]): Connection {
  return { ...connection, id, path: create(PathSchema, { index, pathSegments: segments }) }
}

function leave(granted: Connection, { id, index }: Place): Connection {
  const path = granted.path ?? create(PathSchema)
  return { ...granted, id, path: { ...path, index } }
}

function indexOutside(index: number, length: number): NsmError {
  return new NsmError(
    "PATH_INVALID",
    `path.index is ${index}, but path.path_segments has ${length === 1 ? "1 entry" : `${length} entries`}`,
  )
}

function idContradicts(id: string, index: number, { name, id: expected }: PathSegment): NsmError {
  return new NsmError(
    "PATH_INVALID",
    `connection.id is "${id}", but path segment ${index} (${name}) has the id "${expected}"`,
  )
}
