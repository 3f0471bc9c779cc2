import { type Connection, ConnectionEventType, Header, State } from "@nsm/api"
import { type Check, must, type Role, there } from "../check.ts"
import { readToken } from "../json-web-token.ts"
import { tokensOf } from "../next-hop.ts"
import type { Scene } from "../scene.ts"
import { nameOf, watch } from "./monitor.ts"
import { ownSegment, within } from "./request.ts"

const passing: readonly Role[] = ["nsmgr", "forwarder"]

/** What whoever passes requests on sends to the next hop. */
export const nextHopChecks: readonly Check[] = [
  {
    id: "next-path",
    title: "The next hop gets the path with the sender's segment last and its index there.",
    source: "connection.proto: Path.index",
    roles: passing,
    run: within(async (scene) => {
      await scene.granted()
      const { connection } = there(await scene.next.requests.next(), "no request").message
      const { index = -1, pathSegments = [] } = connection?.path ?? {}
      const seen = `index ${index} of ${pathSegments.length} segments`
      must(index === 1 && pathSegments.length === 2, seen)
      return seen
    }),
  },
  {
    id: "next-id",
    title: "The connection's id is that of the sender's segment.",
    source: "connection.proto: Connection.id, PathSegment.id",
    roles: passing,
    run: within(async (scene) => {
      const granted = await scene.granted()
      const { connection } = there(await scene.next.requests.next(), "no request").message
      const own = connection?.path?.pathSegments[1]?.id
      must(connection?.id === own && own === ownSegment(granted).id, "another id")
      return "the same"
    }),
  },
  {
    id: "next-token",
    title: "The request carries one token and one end, by the sender and for the next hop.",
    source: "RFC 7519, sections 4.1.2 and 4.1.3; gRPC metadata nsm-client-token",
    roles: passing,
    run: within(async (scene, { id, as }) => {
      await scene.granted()
      const came = there(await scene.next.requests.next(), "no request")
      const [token = "", ...more] = tokensOf(came)
      const ends = came.headers.get(Header.clientTokenExpires)
      must(more.length === 0 && ends.length === 1, `${1 + more.length} tokens, ${ends.length} ends`)
      const { sub, aud } = readToken(token)?.claims ?? {}
      must(
        sub === id && JSON.stringify(aud) === JSON.stringify([as.id]),
        `${String(sub)} for ${String(aud)}`,
      )
      must(Date.parse(String(ends[0])) > Date.now(), `ends ${String(ends[0])}`)
      return "one of each"
    }),
  },
  {
    id: "next-token-chain",
    title: "The caller's token in the path is the one that the caller sent, for the sender.",
    source: "connection.proto: PathSegment.token",
    roles: passing,
    run: within(async (scene, { probe, id, as }) => {
      const token = probe.token()
      await scene.granted({ headers: { [Header.clientToken]: token } })
      const { connection } = there(await scene.next.requests.next(), "no request").message
      const [first] = connection?.path?.pathSegments ?? []
      must(first?.token === token, "another token")
      return `by ${as.id.split("/").at(-1)} for ${id.split("/").at(-1)}`
    }),
  },
  {
    id: "next-answer-passed",
    title: "The next hop's segment comes back to the caller unchanged, with its token.",
    source: "connection.proto: Path",
    roles: passing,
    run: within(async (scene) => {
      const { path } = await scene.granted()
      const came = there(await scene.next.requests.next(), "no request")
      const given = scene.next.granted(came.message.connection?.id ?? "")?.path?.pathSegments[2]
      const got = path?.pathSegments[2]
      must(got?.id === given?.id && got?.token === given?.token, "changed")
      return "unchanged"
    }),
  },
  {
    id: "next-refusal-passed",
    title: "When the next hop refuses, the caller is refused.",
    source: "google.rpc.Code",
    roles: passing,
    run: within(async (scene) => {
      scene.next.refuses = true
      const { code, status } = await scene.request()
      must(code !== 0, "granted")
      return status
    }),
  },
  {
    id: "next-close-passed",
    title: "A close is passed on, with the id that the sender has with the next hop, and a token.",
    source: "networkservice.proto: NetworkService.Close",
    roles: passing,
    run: within(async (scene) => {
      const granted = await scene.granted()
      await scene.close(granted)
      const came = there(await scene.next.closes.next(), "no close")
      must(came.message.id === ownSegment(granted).id, "another id")
      must(tokensOf(came).length === 1, `${tokensOf(came).length} tokens`)
      return "passed on"
    }),
  },
  {
    id: "next-reselect",
    title: "RESELECT_REQUESTED closes what there is before it asks anew.",
    source: "connection.proto: State",
    roles: passing,
    run: within(async (scene) => {
      const granted = await scene.granted()
      await scene.next.requests.next()
      const state = State.RESELECT_REQUESTED
      const { status, code, details } = await scene.again({ ...granted, state })
      must(code === 0, `${status} ${details}`)
      must((await scene.next.closes.next(1000)) !== undefined, "nothing is closed")
      must((await scene.next.requests.next(1000)) !== undefined, "nothing is asked")
      return "closed, then asked"
    }),
  },
  {
    id: "next-monitored",
    title: "The sender monitors its connection with the next hop, by its own segment's id.",
    source: "connection.proto: MonitorScopeSelector",
    roles: passing,
    run: within(async (scene) => {
      const granted = await scene.granted()
      const { message } = there(await scene.next.monitors.next(), "it does not")
      const own = ownSegment(granted)
      const selected = message.pathSegments.map(({ id, name }) => (id === "" ? name : id))
      const seen = selected.includes(own.name) ? "its name alone" : selected.join() || "nothing"
      must(selected.includes(own.id), `by ${seen}`)
      return "by its id"
    }),
  },
  {
    id: "next-down-relayed",
    title: "When the next hop says that a connection is down, so does the server to its monitors.",
    source: "connection.proto: ConnectionEvent, State",
    roles: passing,
    run: within(async (scene, { probe }) => {
      const granted = await scene.granted()
      using reading = watch(probe, { id: ownSegment(granted).id })
      await reading.arrivals.next()
      const own = await monitored(scene, granted)
      scene.next.say(ConnectionEventType.UPDATE, { ...own, state: State.DOWN })
      const event = await reading.arrivals.find(({ connections }) =>
        Object.values(connections).some(({ state }) => state === State.DOWN),
      )
      must(event !== undefined, "it does not")
      return nameOf(event.type)
    }),
  },
  {
    id: "next-delete-relayed",
    title: "When the next hop deletes a connection, the server says that it is down.",
    source: "connection.proto: ConnectionEventType, State",
    roles: passing,
    run: within(async (scene, { probe }) => {
      const granted = await scene.granted()
      using reading = watch(probe, { id: ownSegment(granted).id })
      await reading.arrivals.next()
      const own = await monitored(scene, granted)
      scene.next.say(ConnectionEventType.DELETE, own)
      const event = await reading.arrivals.find(({ connections }) =>
        Object.values(connections).some(({ state }) => state === State.DOWN),
      )
      must(event !== undefined, "it does not")
      return nameOf(event.type)
    }),
  },
]

/** Waits until the next hop is monitored; what it has granted. */
async function monitored({ next }: Scene, connection: Connection): Promise<Connection> {
  must((await next.monitors.next()) !== undefined, "the next hop is not monitored")
  return there(next.granted(ownSegment(connection).id), "nothing was granted")
}
