import assert from "node:assert/strict"
import { constants, createServer, type Http2Server, type ServerHttp2Stream } from "node:http2"
import { create, toBinary } from "@bufbuild/protobuf"
import {
  type Connection,
  ConnectionSchema,
  MonitorScopeSelectorSchema,
  NetworkServiceRequestSchema,
} from "@nsm/api"
import { type Call, receivedMetadata, sentMetadata, withCall } from "../../core/call.ts"
import { systemClock } from "../../core/clock.ts"
import { NsmError } from "../../core/errors.ts"
import { silentLog } from "../../core/log.ts"
import { type NetworkService, networkServiceWire } from "../../networkservice/service.ts"
import { temporaryFolder } from "../../testing/temporary-folder.ts"
import { framed } from "./messages.ts"
import { grpcTransport } from "./transport.ts"

const { NGHTTP2_CANCEL, NGHTTP2_REFUSED_STREAM } = constants
const request = create(NetworkServiceRequestSchema, { connection: { id: "c1" } })
const answer = framed(
  Buffer.from(toBinary(ConnectionSchema, create(ConnectionSchema, { id: "c1" }))),
)
const headers = { ":status": 200, "content-type": "application/grpc" }

describe("gRPC client", () => {
  let cleanup: AsyncDisposableStack
  let server: Http2Server
  let service: NetworkService
  let streams: number
  /** What the peer does about a call. */
  let answers: (stream: ServerHttp2Stream, came: Readonly<Record<string, unknown>>) => void

  beforeEach(async () => {
    cleanup = new AsyncDisposableStack()
    const folder = cleanup.use(await temporaryFolder())
    streams = 0
    server = createServer()
    server.on("stream", (stream, came) => {
      streams += 1
      stream.on("error", () => {}).resume()
      answers(stream, came)
    })
    const url = folder.socket("peer.sock")
    await new Promise<void>((resolve) => server.listen(url.replace("unix://", ""), resolve))
    cleanup.defer(() => new Promise((resolve) => server.close(() => resolve())))
    service = cleanup.use(grpcTransport({ name: "client" })).client(url, networkServiceWire)
  })
  afterEach(() => cleanup.disposeAsync())

  const inCall = <T>(run: (call: Call) => Promise<T>, timeoutMs?: number): Promise<T> =>
    withCall({ clock: systemClock, log: silentLog, timeoutMs }, run)
  const ask = (timeoutMs?: number): Promise<Connection> =>
    inCall((call) => service.request(request, call), timeoutMs)
  const failure = async (asked: Promise<unknown> = ask()): Promise<string> => {
    const thrown: unknown = await asked.then(
      () => undefined,
      (error: unknown) => error,
    )
    assert.ok(thrown instanceof NsmError, String(thrown))
    return `${thrown.reason} ${thrown.code} ${thrown.text}`
  }
  const well = (stream: ServerHttp2Stream, ...pieces: readonly Buffer[]): void => {
    stream.respond(headers, { waitForTrailers: true })
    stream.once("wantTrailers", () => stream.sendTrailers({ "grpc-status": "0" }))
    for (const piece of pieces) stream.write(piece)
    stream.end()
  }

  it("says what gRPC wants to know, and how much time there is", async () => {
    let said: Readonly<Record<string, unknown>> = {}
    answers = (stream, came) => {
      said = came
      well(stream, answer)
    }
    await inCall(
      (call) => service.request(request, call.with(sentMetadata, new Map([["path", "[]"]]))),
      5000,
    )
    const { "grpc-timeout": timeout, ...rest } = said
    assert.match(String(timeout), /^\d{4}m$/)
    assert.deepEqual(Object.fromEntries(Object.entries(rest)), {
      ":authority": "localhost",
      ":method": "POST",
      ":path": "/networkservice.NetworkService/Request",
      ":scheme": "http",
      "content-type": "application/grpc",
      "grpc-accept-encoding": "identity",
      path: "[]",
      te: "trailers",
    })
  })

  it("reads an answer in pieces", async () => {
    answers = (stream) => well(stream, ...[...answer].map((byte) => Buffer.from([byte])))
    assert.equal((await ask()).id, "c1")
  })

  it("wants one message, and all of it", async () => {
    answers = (stream) => well(stream)
    assert.match(await failure(), /^MALFORMED_MESSAGE .* no message came/)
    answers = (stream) => well(stream, answer, answer)
    assert.match(await failure(), /^MALFORMED_MESSAGE .* more came/)
    answers = (stream) => well(stream, answer.subarray(0, -1))
    assert.match(await failure(), /^MALFORMED_MESSAGE .* only in part/)
  })

  it("takes no answer for one that does not say how it ended", async () => {
    answers = (stream) => {
      stream.respond(headers)
      stream.end(answer)
    }
    assert.match(await failure(), /^PEER_FAILED UNKNOWN .*without a status/)
  })

  it("reads an answer that consists of headers", async () => {
    answers = (stream) => {
      const end = { "grpc-status": "7", "grpc-message": "not%20you" }
      stream.respond({ ...headers, ...end, path: "here" }, { endStream: true })
    }
    const received = new Map<string, string>()
    const asked = inCall((call) => service.request(request, call.with(receivedMetadata, received)))
    assert.match(await failure(asked), /^PERMISSION_DENIED .*: not you$/)
    assert.equal(received.get("path"), "here")
  })

  it("understands that its peer does not speak gRPC", async () => {
    answers = (stream) => {
      stream.respond({ ":status": 502, "content-type": "text/html" })
      stream.end("<h1>Bad gateway</h1>")
    }
    assert.match(await failure(), /^PEER_UNREACHABLE UNAVAILABLE .*HTTP status 502/)
    answers = (stream) => {
      stream.respond({ ":status": 200, "content-type": "text/html" })
      stream.end("<h1>Welcome</h1>")
    }
    assert.match(await failure(), /^PEER_FAILED UNKNOWN .*HTTP status 200.*text\/html/)
  })

  it("gives up an answer that is compressed or too long", async () => {
    const codes: number[] = []
    answers = (stream) => {
      stream.once("close", () => codes.push(stream.rstCode))
      stream.respond(headers)
      stream.write(Buffer.from([1, 0, 0, 0, 1, 0]))
    }
    assert.match(await failure(), /^MALFORMED_MESSAGE UNIMPLEMENTED .*compressed/)
    answers = (stream) => {
      stream.once("close", () => codes.push(stream.rstCode))
      stream.respond(headers)
      stream.write(Buffer.from([0, 0xff, 0xff, 0xff, 0xff]))
    }
    assert.match(await failure(), /^MALFORMED_MESSAGE RESOURCE_EXHAUSTED .*4294967295 bytes/)
    const scope = create(MonitorScopeSelectorSchema)
    const read = inCall(async (call) => {
      for await (const event of service.monitorConnections(scope, call))
        assert.fail(event.$typeName)
    })
    assert.match(await failure(read), /^MALFORMED_MESSAGE RESOURCE_EXHAUSTED/)
    answers = (stream) => well(stream, answer)
    // By its answer what was said before has come.
    await ask()
    assert.deepEqual(codes, [NGHTTP2_CANCEL, NGHTTP2_CANCEL, NGHTTP2_CANCEL])
  })

  it("makes a call again that was refused before it began, but once only", async () => {
    answers = (stream) => {
      if (streams === 1) stream.close(NGHTTP2_REFUSED_STREAM)
      else well(stream, answer)
    }
    assert.equal((await ask()).id, "c1")
    assert.equal(streams, 2)
    answers = (stream) => stream.close(NGHTTP2_REFUSED_STREAM)
    assert.match(await failure(), /^PEER_UNREACHABLE UNAVAILABLE /)
    assert.equal(streams, 4)
  })

  it("makes a call again that its server has not begun when it says goodbye", async () => {
    const first = 1
    answers = (stream) => {
      // It has read the second call, and says that it has not.
      if (streams === 2) stream.session?.goaway(constants.NGHTTP2_NO_ERROR, first)
      else well(stream, answer)
    }
    await ask()
    assert.equal((await ask()).id, "c1")
    assert.equal(streams, 3)
  })

  it("lets calls go on that were begun when its server says goodbye, and dials for the next", async () => {
    const sessions = new Set<unknown>()
    answers = (stream) => {
      sessions.add(stream.session)
      if (streams > 1) return well(stream, answer)
      stream.session?.close()
      setImmediate(() => well(stream, answer))
    }
    await ask()
    await ask()
    assert.equal(sessions.size, 2)
  })

  it("does not make a call again that may have begun", async () => {
    answers = (stream) => stream.session?.destroy()
    assert.match(await failure(), /^PEER_UNREACHABLE UNAVAILABLE .*the connection was lost/)
    assert.equal(streams, 1)
  })

  it("does not begin with headers that no peer takes", async () => {
    answers = () => assert.fail("it was sent")
    const long = new Map([["path", "x".repeat(2 ** 20)]])
    const asked = inCall((call) => service.request(request, call.with(sentMetadata, long)))
    assert.match(await failure(asked), /^INVALID_REQUEST INVALID_ARGUMENT .*"path".*1048612 bytes/)
  })

  it("says that it has given up", async () => {
    const ended = Promise.withResolvers<number>()
    answers = (stream) => stream.once("close", () => ended.resolve(stream.rstCode))
    assert.match(await failure(ask(50)), /^DEADLINE_EXCEEDED /)
    assert.equal(await ended.promise, NGHTTP2_CANCEL)
  })
})
