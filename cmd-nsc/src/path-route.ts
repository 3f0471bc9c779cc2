import type { HttpAnswer, Route } from "@nsm/sdk/daemon"
import type { Wire } from "./wire.ts"

/** The path of a wire as `GET /path` tells of it. */
export interface WirePath {
  readonly id: string
  readonly networkService: string
  /** The hops, this client first, with the tokens that they made. */
  readonly segments: readonly {
    readonly name: string
    readonly id: string
    readonly token: string
  }[]
}

/**
 * `GET /path?wire=<id>`: which hops a wire passes, with their tokens. For this machine only: the tokens
 * say who asks whom.
 */
export function pathRoute(wires: readonly Pick<Wire, "id" | "connection">[]): Route {
  return {
    method: "GET",
    path: "/path",
    answer({ query, isLocal }): HttpAnswer {
      if (!isLocal) return { status: 403, body: "paths are told to this machine only\n" }
      const id = query.get("wire") ?? ""
      const wire = wires.find((each) => each.id === id)
      const ids = wires.map((each) => each.id).join(", ") || "none"
      if (!wire) return { status: 404, body: `no wire "${id}"; there is: ${ids}\n` }
      const { connection } = wire
      if (!connection) return { status: 404, body: `the wire ${id} has not been granted\n` }
      const { networkService, path } = connection
      const segments = (path?.pathSegments ?? []).map(({ name, id: segmentId, token }) => ({
        name,
        id: segmentId,
        token,
      }))
      const told: WirePath = { id: connection.id, networkService, segments }
      return { type: "application/json", body: `${JSON.stringify(told, undefined, 2)}\n` }
    },
  }
}
