import { randomUUID } from "node:crypto"
import { create } from "@bufbuild/protobuf"
import { type Connection, ConnectionSchema, MechanismSchema, State, StateSchema } from "@nsm/api"
import { type Check, must, type Role, there } from "../check.ts"
import { Scene, type Wish } from "../scene.ts"
import type { Subject } from "../subject.ts"

const onPath: readonly Role[] = ["nsmgr", "forwarder", "nse"]
const passing: readonly Role[] = ["nsmgr", "forwarder"]

/** What requests are answered with. */
export const requestChecks: readonly Check[] = [
  {
    id: "request-path-extended",
    title: "The answer's path has the caller's segment first, and the server's after it.",
    source: "connection.proto: Path",
    roles: onPath,
    run: within(async (scene, { role }) => {
      const { id, path } = await scene.granted()
      const names = path?.pathSegments.map(({ name }) => name) ?? []
      const seen = names.join(" > ")
      must(path?.pathSegments[0]?.id === id && names[0] === "conformance", seen)
      must(names.length === (role === "nse" ? 2 : 3) && !names.includes(""), seen)
      return seen
    }),
  },
  {
    id: "request-id-restored",
    title: "The answer carries the caller's connection id and index.",
    source: "connection.proto: Connection.id, Path.index",
    roles: onPath,
    run: within(async (scene) => {
      const id = randomUUID()
      const connection = await scene.granted({ id })
      const { index = -1 } = connection.path ?? {}
      must(
        connection.id === id && index === 0,
        `id ${connection.id === id ? "" : "not "}restored, index ${index}`,
      )
      return "id restored, index 0"
    }),
  },
  {
    id: "request-own-id",
    title: "The server gives the connection an id of its own, a UUID.",
    source: "connection.proto: PathSegment.id; RFC 9562",
    roles: onPath,
    run: within(async (scene) => {
      const id = ownSegment(await scene.granted()).id
      must(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(id), id || "empty")
      return "a UUID"
    }),
  },
  {
    id: "request-refresh-keeps",
    title: "A request for what was granted keeps every segment's name and id.",
    source: "connection.proto: Path",
    roles: onPath,
    run: within(async (scene) => {
      const first = await scene.granted()
      const { message, status, details } = await scene.again(first)
      must(message !== undefined, `${status} ${details}`)
      const before = segments(first)
      const after = segments(message)
      must(before === after, `${before} became ${after}`)
      return "kept"
    }),
  },
  {
    id: "request-foreign-next",
    title:
      "A segment of another name where the server's should be gets the server's name and a new id.",
    source: "connection.proto: Path",
    roles: onPath,
    run: within(async (scene) => {
      const id = randomUUID()
      const foreign = { name: "somebody-else", id: randomUUID() }
      const path = { index: 0, pathSegments: [{ name: "conformance", id }, foreign] }
      const { message, status, details } = await scene.request({ id, connection: { id, path } })
      must(message !== undefined, `${status} ${details}`)
      const own = ownSegment(message)
      must(own.name !== foreign.name && own.id !== foreign.id, `${own.name}, the foreign id kept`)
      return own.name
    }),
  },
  {
    id: "request-id-differs",
    title: "A connection whose id is not its segment's is refused.",
    source: "connection.proto: Connection.id, PathSegment.id",
    roles: onPath,
    run: within(async (scene) => {
      const id = randomUUID()
      const path = { index: 0, pathSegments: [{ name: "conformance", id: randomUUID() }] }
      return await refused(scene, { id, path })
    }),
  },
  {
    id: "request-index-beyond",
    title: "A path whose index is beyond its segments is refused.",
    source: "connection.proto: Path.index",
    roles: onPath,
    run: within(async (scene) => {
      const id = randomUUID()
      const path = { index: 7, pathSegments: [{ name: "conformance", id }] }
      return await refused(scene, { id, path })
    }),
  },
  {
    id: "request-no-connection",
    title: "A request without a connection is refused.",
    source: "networkservice.proto: NetworkServiceRequest",
    roles: onPath,
    run: within(async (scene) => await refused(scene, { networkService: "", id: "", path: {} })),
  },
  {
    id: "request-state-up",
    title: "A connection that is granted is up.",
    source: "connection.proto: State",
    roles: onPath,
    run: within(async (scene) => {
      const { state } = await scene.granted()
      must(state === State.UP, StateSchema.value[state]?.name ?? String(state))
      return "UP"
    }),
  },
  {
    id: "request-payload",
    title: "A connection that is granted says what it carries.",
    source: "connection.proto: Connection.payload",
    roles: passing,
    run: within(async (scene) => {
      const { payload } = await scene.granted()
      must(payload === "IP", payload || "nothing")
      return payload
    }),
  },
  {
    id: "request-mechanism",
    title: "The mechanism that was chosen is one of those offered.",
    source: "connection.proto: Mechanism; networkservice.proto: mechanism_preferences",
    roles: onPath,
    run: within(async (scene) => {
      const { mechanism } = await scene.granted()
      const seen = `${mechanism?.cls} ${mechanism?.type}`
      must(seen === "LOCAL KERNEL", seen)
      return seen
    }),
  },
  {
    id: "request-unknown-mechanism",
    title: "A request that only offers an unknown mechanism is refused.",
    source: "networkservice.proto: mechanism_preferences",
    roles: ["forwarder", "nse"],
    run: within(async (scene) => {
      const mechanisms = [create(MechanismSchema, { cls: "LOCAL", type: "SMOKE-SIGNAL" })]
      const { code, status } = await scene.request({ mechanisms })
      must(code !== 0, "granted")
      return status
    }),
  },
  {
    id: "request-endpoint-named",
    title: "The connection names the endpoint, and keeps it.",
    source: "connection.proto: network_service_endpoint_name",
    roles: ["forwarder"],
    run: within(async (scene) => {
      const first = await scene.granted()
      const { message } = await scene.again(first)
      const name = first.networkServiceEndpointName
      must(name === scene.next.name, name || "no name")
      must(message?.networkServiceEndpointName === name, "lost when asked again")
      return "named and kept"
    }),
  },
  {
    id: "request-addresses",
    title: "An endpoint gives both ends addresses, and gives the same ones when it is asked again.",
    source: "connectioncontext.proto: IPContext",
    roles: ["nse"],
    run: within(async (scene) => {
      const first = await scene.granted()
      const { message } = await scene.again(first)
      const seen = addresses(first)
      must(/^\S+\/\d+ to \S+\/\d+$/.test(seen), seen)
      must(message !== undefined && addresses(message) === seen, `${seen}, then others`)
      return "given and kept"
    }),
  },
  {
    id: "request-unknown-service",
    title: "A request for a network service that nobody provides is refused.",
    source: "connection.proto: network_service",
    roles: passing,
    run: within(async (scene) => await refused(scene, { networkService: randomUUID() })),
  },
  {
    id: "request-unknown-endpoint",
    title: "A request for an endpoint that is not there is refused.",
    source: "connection.proto: network_service_endpoint_name",
    roles: ["forwarder"],
    run: within(
      async (scene) => await refused(scene, { networkServiceEndpointName: randomUUID() }),
    ),
  },
  {
    id: "close-known",
    title: "A connection can be closed.",
    source: "networkservice.proto: NetworkService.Close",
    roles: onPath,
    run: within(async (scene) => {
      const { status, code, details } = await scene.close(await scene.granted())
      must(code === 0, `${status} ${details}`)
      return status
    }),
  },
  {
    id: "close-twice",
    title: "Closing what is closed does no harm.",
    source: "networkservice.proto: NetworkService.Close",
    roles: onPath,
    run: within(async (scene) => {
      const connection = await scene.granted()
      await scene.close(connection)
      const { status, code, details } = await scene.close(connection)
      must(code === 0, `${status} ${details}`)
      return status
    }),
  },
  {
    id: "close-unknown",
    title: "Closing what never was does no harm.",
    source: "networkservice.proto: NetworkService.Close",
    roles: onPath,
    run: within(async (scene) => {
      const id = randomUUID()
      const path = { index: 0, pathSegments: [{ name: "conformance", id }] }
      const never = create(ConnectionSchema, { id, networkService: scene.service, path })
      const { status, code, details } = await scene.close(never)
      must(code === 0, `${status} ${details}`)
      return status
    }),
  },
  {
    id: "request-after-close",
    title: "What was closed can be asked for again.",
    source: "networkservice.proto: NetworkService",
    roles: onPath,
    run: within(async (scene) => {
      const connection = await scene.granted()
      await scene.close(connection)
      const { status, code, details } = await scene.request({ id: connection.id })
      must(code === 0, `${status} ${details}`)
      return status
    }),
  },
]

/** Runs a check in a scene of its own. */
export function within(run: (scene: Scene, subject: Subject) => Promise<string>): Check["run"] {
  return async (subject) => {
    await using scene = await Scene.of(subject)
    return await run(scene, subject)
  }
}

/** The segment after the caller's. */
export function ownSegment({ path }: Connection) {
  return there(path?.pathSegments[(path.index ?? 0) + 1], "the path has no segment of the server")
}

async function refused(scene: Scene, connection: NonNullable<Wish["connection"]>): Promise<string> {
  const { code, status } = await scene.request({ connection })
  must(code !== 0, "granted")
  return status
}

function segments({ path }: Connection): string {
  return path?.pathSegments.map(({ name, id }) => `${name}/${id}`).join(" ") ?? ""
}

function addresses({ context }: Connection): string {
  const { srcIpAddrs = [], dstIpAddrs = [] } = context?.ipContext ?? {}
  return `${srcIpAddrs.join()} to ${dstIpAddrs.join()}`
}
