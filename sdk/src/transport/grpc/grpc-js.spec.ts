import assert from "node:assert/strict"
import { create } from "@bufbuild/protobuf"
import {
  ChannelCredentials,
  Client,
  type ClientOptions,
  compressionAlgorithms,
  Metadata,
  type ServiceError,
  status,
} from "@grpc/grpc-js"
import {
  type Connection,
  ConnectionEventSchema,
  ConnectionSchema,
  grpcMethod,
  Header,
  MonitorConnectionService,
  MonitorScopeSelectorSchema,
  type NetworkServiceRequest,
  NetworkServiceRequestSchema,
  NetworkServiceService,
} from "@nsm/api"
import type { Call } from "../../core/call.ts"
import { ended } from "../../core/ended.ts"
import { NsmError } from "../../core/errors.ts"
import { type NetworkService, networkServiceWire } from "../../networkservice/service.ts"
import { grant } from "../../networkservice/tail.ts"
import { temporaryFolder, type TemporaryFolder } from "../../testing/temporary-folder.ts"
import { expose } from "../transport.ts"
import { grpcTransport } from "./transport.ts"

const requestMethod = grpcMethod(NetworkServiceService.method.request)
const monitorMethod = grpcMethod(MonitorConnectionService.method.monitorConnections)
const big = "x".repeat(3 * 2 ** 20)
const tooBig = "x".repeat(5 * 2 ** 20)

describe("gRPC listener, called by grpc-js", () => {
  let cleanup: AsyncDisposableStack
  let folder: TemporaryFolder
  let url: string
  beforeEach(async () => {
    cleanup = new AsyncDisposableStack()
    folder = cleanup.use(await temporaryFolder())
    url = folder.socket("peer.sock")
  })
  afterEach(() => cleanup.disposeAsync())

  const request = (payload = ""): NetworkServiceRequest =>
    create(NetworkServiceRequestSchema, { connection: { id: "c1", payload } })
  const event = (id: string) => create(ConnectionEventSchema, { connections: { [id]: { id } } })

  const serve = (service: Partial<NetworkService> = {}): Promise<unknown> =>
    cleanup
      .use(grpcTransport({ name: "server" }))
      .listen(url, [expose(networkServiceWire, { ...grant, ...service })])
  const client = (options: ClientOptions = {}): Client =>
    cleanup.adopt(
      new Client(url.replace("unix://", "unix:"), ChannelCredentials.createInsecure(), options),
      (it) => it.close(),
    )
  const ask = (
    by: Client,
    message: NetworkServiceRequest,
    { headers = {}, path = requestMethod.path, options = {} } = {},
  ): Promise<{ failure?: ServiceError; answer?: Connection; received?: Metadata }> =>
    new Promise((resolve) => {
      let received: Metadata | undefined
      const { requestSerialize, responseDeserialize } = requestMethod
      const sent = new Metadata()
      for (const [name, value] of Object.entries<string>(headers)) sent.set(name, value)
      by.makeUnaryRequest(
        path,
        requestSerialize,
        responseDeserialize,
        message,
        sent,
        options,
        (failure, answer) =>
          resolve({
            ...(failure && { failure }),
            ...(answer && { answer }),
            ...(received && { received }),
          }),
      ).on("metadata", (came: Metadata) => (received = came))
    })

  it("is answered, with headers", async () => {
    await serve({
      async request({ connection }, call) {
        call.reply.set("path", `answer to ${call.metadata.get("path")}`)
        return connection ?? create(ConnectionSchema)
      },
    })
    const { answer, received } = await ask(client(), request(big), { headers: { path: "me" } })
    assert.equal(answer?.payload.length, big.length)
    assert.deepEqual(received?.get("path"), ["answer to me"])
  })

  it("is told why, with details", async () => {
    await serve({
      request: async () => {
        throw new NsmError("ADDRESSES_EXHAUSTED", "größer als 100 %\n")
      },
    })
    const { failure } = await ask(client(), request())
    assert.equal(failure?.code, status.RESOURCE_EXHAUSTED)
    assert.equal(failure.details, "ADDRESSES_EXHAUSTED: [server] größer als 100 %\n")
    assert.equal(failure.metadata.get(Header.statusDetails).length, 1)
  })

  it("learns of methods that there are not, and can go on", async () => {
    await serve()
    const by = client()
    const path = "/networkservice.NetworkService/Teleport"
    assert.equal((await ask(by, request(), { path })).failure?.code, status.UNIMPLEMENTED)
    assert.ok((await ask(by, request())).answer)
  })

  it("may not compress, and is told so", async () => {
    await serve()
    const options = { "grpc.default_compression_algorithm": compressionAlgorithms.gzip }
    const { failure } = await ask(client(options), request(big))
    assert.equal(failure?.code, status.UNIMPLEMENTED, failure?.message)
    assert.match(failure.details, /gzip/)
  })

  it("may not send more than four mebibytes at once, and can go on", async () => {
    await serve()
    const by = client({ "grpc.max_send_message_length": -1 })
    const { failure } = await ask(by, request(tooBig))
    assert.equal(failure?.code, status.RESOURCE_EXHAUSTED, failure?.message)
    assert.match(failure.details, /5242\d+ bytes is too long/)
    assert.ok((await ask(by, request())).answer)
  })

  it("is answered when its time is over, whatever its call waits for", async () => {
    const served = Promise.withResolvers<Call>()
    await serve({
      request: (_, call) => {
        served.resolve(call)
        return new Promise(() => {})
      },
    })
    const asked = ask(client(), request(), { options: { deadline: Date.now() + 60 } })
    assert.equal((await asked).failure?.code, status.DEADLINE_EXCEEDED)
    await ended((await served.promise).signal)
  })

  it("reads streams and leaves them", async () => {
    const left = Promise.withResolvers<void>()
    await serve({
      async *monitorConnections(_, call) {
        yield event("c1")
        yield event("c2")
        await ended(call.signal)
        left.resolve()
      },
    })
    const { path, requestSerialize, responseDeserialize } = monitorMethod
    const scope = create(MonitorScopeSelectorSchema)
    const stream = client()
      .makeServerStreamRequest(path, requestSerialize, responseDeserialize, scope)
      .on("error", () => {})
    const ids: string[] = []
    for await (const { connections } of stream as AsyncIterable<ReturnType<typeof event>>) {
      if (ids.push(...Object.keys(connections)) === 2) break
    }
    stream.cancel()
    assert.deepEqual(ids, ["c1", "c2"])
    await left.promise
  })
})
