import { randomUUID } from "node:crypto"
import { create } from "@bufbuild/protobuf"
import { EmptySchema, timestampFromMs } from "@bufbuild/protobuf/wkt"
import {
  type Metadata,
  Server,
  ServerCredentials,
  type ServerUnaryCall,
  type ServerWritableStream,
  type sendUnaryData,
  status,
} from "@grpc/grpc-js"
import {
  type Connection,
  type ConnectionEvent,
  ConnectionEventSchema,
  ConnectionEventType,
  ConnectionSchema,
  grpcMethod,
  Header,
  type Mechanism,
  MechanismParameter,
  MechanismType,
  MonitorConnectionService,
  type MonitorScopeSelector,
  NetworkServiceService,
  type NetworkServiceRequest,
  PathSchema,
  PathSegmentSchema,
} from "@nsm/api"
import { Arrivals } from "../arrivals.ts"
import type { Credentials } from "./credentials.ts"
import { writeToken } from "./json-web-token.ts"

/** A message that came in, with its headers. */
export interface Came<T> {
  readonly message: T
  readonly headers: Metadata
}

/** What stands behind the one that is checked: takes down all that it is sent, and grants requests. */
export interface NextHop extends AsyncDisposable {
  readonly url: string
  readonly name: string
  readonly requests: Arrivals<Came<NetworkServiceRequest>>
  readonly closes: Arrivals<Came<Connection>>
  readonly monitors: Arrivals<Came<MonitorScopeSelector>>
  /** Refuses the next requests, until it is told otherwise. */
  refuses: boolean
  /** Tells all that monitor it of an event. */
  say(type: ConnectionEventType, connection: Connection): void
  /** What was granted last for a connection id of the caller. */
  granted(id: string): Connection | undefined
}

/** Where it listens, and who it is. */
export interface NextHopOptions {
  /** An address of this machine, or a folder for its socket. */
  readonly place: string
  readonly as: Credentials
  /** SPIFFE id of the one that calls it. */
  readonly callerId: string
}

/** Starts one, on a free port or a new socket. */
export async function startNextHop({ place, as, callerId }: NextHopOptions): Promise<NextHop> {
  const name = `conformance-${randomUUID().slice(0, 8)}`
  const watchers = new Set<ServerWritableStream<MonitorScopeSelector, ConnectionEvent>>()
  const granted = new Map<string, Connection>()
  const ids = new Map<string, string>()
  const server = new Server()
  const hop = {
    name,
    requests: new Arrivals<Came<NetworkServiceRequest>>(),
    closes: new Arrivals<Came<Connection>>(),
    monitors: new Arrivals<Came<MonitorScopeSelector>>(),
    refuses: false,
  }

  /** Adds the own segment, as an endpoint does, and gives the caller's id and index back. */
  const grant = ({ connection, mechanismPreferences }: NetworkServiceRequest): Connection => {
    const asked = connection ?? create(ConnectionSchema)
    const index = asked.path?.index ?? 0
    const id = ids.get(asked.id) ?? randomUUID()
    ids.set(asked.id, id)
    const own = create(PathSegmentSchema, {
      ...{ name, id, token: writeToken(as, callerId) },
      expires: timestampFromMs(Date.now() + 600_000),
    })
    const before = asked.path?.pathSegments.slice(0, index + 1) ?? []
    const mechanism = withOwnInterface(asked.mechanism ?? mechanismPreferences[0])
    const answer = {
      ...asked,
      ...(mechanism && { mechanism }),
      payload: asked.payload || "IP",
      path: create(PathSchema, { index, pathSegments: [...before, own] }),
    }
    granted.set(asked.id, answer)
    return answer
  }

  server.addService(
    { request: grpcMethod(NetworkServiceService.method.request) },
    {
      request(
        { request, metadata }: ServerUnaryCall<NetworkServiceRequest, Connection>,
        answer: sendUnaryData<Connection>,
      ) {
        hop.requests.put({ message: request, headers: metadata })
        if (hop.refuses) answer({ code: status.UNAVAILABLE, details: "refused by the check" })
        else answer(null, grant(request))
      },
    },
  )
  server.addService(
    { close: grpcMethod(NetworkServiceService.method.close) },
    {
      close(
        { request, metadata }: ServerUnaryCall<Connection, unknown>,
        answer: sendUnaryData<unknown>,
      ) {
        hop.closes.put({ message: request, headers: metadata })
        answer(null, create(EmptySchema))
      },
    },
  )
  server.addService(
    { monitorConnections: grpcMethod(MonitorConnectionService.method.monitorConnections) },
    {
      monitorConnections(stream: ServerWritableStream<MonitorScopeSelector, ConnectionEvent>) {
        watchers.add(stream)
        stream.on("cancelled", () => watchers.delete(stream))
        const { request: message, metadata: headers } = stream
        const ids = message.pathSegments.map(({ id }) => id)
        const known = ids.flatMap((id) => granted.get(id) ?? [])
        stream.write(eventOf(ConnectionEventType.INITIAL_STATE_TRANSFER, known))
        hop.monitors.put({ message, headers })
      },
    },
  )

  const { rootsPem, keyPem, chainPem } = as
  const pair = { private_key: Buffer.from(keyPem), cert_chain: Buffer.from(chainPem) }
  const secure = ServerCredentials.createSsl(Buffer.from(rootsPem), [pair], true)
  const isFolder = place.startsWith("/")
  const target = isFolder ? `unix:${place}/${name}.sock` : `${place}:0`
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync(target, secure, (failure, bound) =>
      failure ? reject(failure) : resolve(bound),
    )
  })
  return Object.assign(hop, {
    url: isFolder ? `unix://${place}/${name}.sock` : `tcp://${place}:${port}`,
    say(type: ConnectionEventType, connection: Connection) {
      for (const watcher of watchers) watcher.write(eventOf(type, [connection]))
    },
    granted: (id: string) => granted.get(id),
    async [Symbol.asyncDispose]() {
      server.forceShutdown()
    },
  })
}

/** An endpoint says in which namespace it is, whatever it was told, and names its interface. */
function withOwnInterface(mechanism: Mechanism | undefined): Mechanism | undefined {
  if (mechanism?.type !== MechanismType.KERNEL) return mechanism
  const { name, inodeUrl } = MechanismParameter
  const own = { [inodeUrl]: `file:///proc/${process.pid}/ns/net` }
  return { ...mechanism, parameters: { [name]: "nsm-2", ...mechanism.parameters, ...own } }
}

/** The events of a hop carry connections as that hop has them: with its own id and index. */
function eventOf(type: ConnectionEventType, connections: readonly Connection[]): ConnectionEvent {
  const own = connections.map((connection) => {
    const index = (connection.path?.index ?? 0) + 1
    const pathSegments = connection.path?.pathSegments ?? []
    const id = pathSegments[index]?.id ?? connection.id
    return { ...connection, id, path: create(PathSchema, { index, pathSegments }) }
  })
  return create(ConnectionEventSchema, {
    type,
    connections: Object.fromEntries(own.map((connection) => [connection.id, connection])),
  })
}

/** The headers of tokens that came with a message. */
export function tokensOf({ headers }: Came<unknown>): readonly string[] {
  return headers.get(Header.clientToken).map(String)
}
