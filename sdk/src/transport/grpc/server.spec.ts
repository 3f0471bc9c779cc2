import assert from "node:assert/strict"
import {
  type ClientHttp2Session,
  connect,
  constants,
  type IncomingHttpHeaders,
  type OutgoingHttpHeaders,
} from "node:http2"
import { create, toBinary } from "@bufbuild/protobuf"
import { NetworkServiceRequestSchema } from "@nsm/api"
import { networkServiceWire } from "../../networkservice/service.ts"
import { grant } from "../../networkservice/tail.ts"
import { expose } from "../transport.ts"
import { framed } from "./messages.ts"
import { grpcTransport } from "./transport.ts"

const message = framed(
  Buffer.from(
    toBinary(
      NetworkServiceRequestSchema,
      create(NetworkServiceRequestSchema, { connection: { id: "c1" } }),
    ),
  ),
)

describe("gRPC listener, called by who errs", () => {
  let cleanup: AsyncDisposableStack
  let session: ClientHttp2Session
  let calls: number
  beforeEach(async () => {
    cleanup = new AsyncDisposableStack()
    calls = 0
    const request: typeof grant.request = (asked, call) => {
      calls += 1
      return grant.request(asked, call)
    }
    const { url } = await cleanup
      .use(grpcTransport({ name: "server" }))
      .listen("tcp://127.0.0.1:0", [expose(networkServiceWire, { ...grant, request })])
    session = cleanup.adopt(connect(url.replace("tcp:", "http:")), (it) => it.destroy())
  })
  afterEach(() => cleanup.disposeAsync())

  interface Answer {
    readonly status: unknown
    readonly grpcStatus: unknown
    readonly text: string
    readonly rstCode: number
    readonly bytes: number
  }
  const ask = (
    pieces: readonly Buffer[],
    changes: OutgoingHttpHeaders = {},
    { isLeftOpen = false } = {},
  ): Promise<Answer> =>
    new Promise((resolve, reject) => {
      const stream = session.request({
        ...{ ":method": "POST", ":path": "/networkservice.NetworkService/Request" },
        ...{ "content-type": "application/grpc", te: "trailers", ...changes },
      })
      let came: IncomingHttpHeaders = {}
      let bytes = 0
      const take = (headers: IncomingHttpHeaders): void => void (came = { ...came, ...headers })
      stream.on("response", take).on("trailers", take).on("error", reject)
      stream.on("data", (piece: Buffer) => (bytes += piece.length))
      stream.once("close", () => {
        const { ":status": status, "grpc-status": grpcStatus } = came
        const text = decodeURIComponent(String(came["grpc-message"]))
        resolve({ status, grpcStatus, text, rstCode: stream.rstCode ?? -1, bytes })
      })
      for (const piece of pieces) stream.write(piece)
      if (!isLeftOpen) stream.end()
    })
  const invalid = "3"
  const [exhausted, unimplemented] = ["8", "12"]

  it("answers who does not", async () => {
    const { status, grpcStatus, bytes } = await ask([message])
    assert.deepEqual({ status, grpcStatus, calls }, { status: 200, grpcStatus: "0", calls: 1 })
    assert.ok(bytes > 5)
    const types = ["application/grpc+proto", "application/grpc;charset=utf-8"]
    for (const type of types) {
      assert.equal((await ask([message], { "content-type": type })).grpcStatus, "0", type)
    }
  })

  it("takes a message in pieces", async () => {
    const { grpcStatus } = await ask([...message].map((byte) => Buffer.from([byte])))
    assert.equal(grpcStatus, "0")
  })

  it("wants one message, and all of it", async () => {
    const none = await ask([])
    assert.equal(none.grpcStatus, invalid)
    assert.match(none.text, /^MALFORMED_MESSAGE: \[server\] no message came/)
    assert.match((await ask([message, message])).text, /more came than one message/)
    assert.match((await ask([message.subarray(0, -1)])).text, /only in part/)
    assert.equal(calls, 0)
  })

  it("has no patience with a message that is too long, and ends the call", async () => {
    const prefix = Buffer.from([0, 0x7f, 0xff, 0xff, 0xff])
    const { grpcStatus, rstCode } = await ask([prefix], {}, { isLeftOpen: true })
    assert.deepEqual([grpcStatus, rstCode], [exhausted, constants.NGHTTP2_NO_ERROR])
  })

  it("knows no compression", async () => {
    const { grpcStatus, text } = await ask([message], { "grpc-encoding": "gzip" })
    assert.equal(grpcStatus, unimplemented)
    assert.match(text, /gzip/)
    assert.equal((await ask([message], { "grpc-encoding": "identity" })).grpcStatus, "0")
  })

  it("takes no time limit that is none", async () => {
    const { grpcStatus, text } = await ask([message], { "grpc-timeout": "soon" })
    assert.equal(grpcStatus, invalid)
    assert.match(text, /"soon"/)
  })

  it("answers what is not gRPC with HTTP", async () => {
    assert.equal((await ask([message], { "content-type": "application/json" })).status, 415)
    assert.equal((await ask([message], { "content-type": "application/grpc-web" })).status, 415)
    assert.equal((await ask([], { ":method": "GET" })).status, 405)
  })
})
