import assert from "node:assert/strict"
import { once } from "node:events"
import { createServer, type Http2Server } from "node:http2"
import type { AddressInfo } from "node:net"
import { create } from "@bufbuild/protobuf"
import { type Connection, NetworkServiceRequestSchema } from "@nsm/api"
import { withCall } from "../../core/call.ts"
import { silentLog } from "../../core/log.ts"
import { type NetworkService, networkServiceWire } from "../../networkservice/service.ts"
import { FakeClock } from "../../testing/fake-clock.ts"
import { grpcTransport } from "./transport.ts"

/** A peer that takes calls and answers none. */
describe("a channel to a peer that says nothing", () => {
  let clock: FakeClock
  let cleanup: AsyncDisposableStack
  let server: Http2Server
  let service: NetworkService
  let url: string

  beforeEach(async () => {
    clock = new FakeClock()
    cleanup = new AsyncDisposableStack()
    server = createServer().listen(0, "127.0.0.1")
    await once(server, "listening")
    server.on("session", (session) => cleanup.defer(() => session.destroy()))
    url = `tcp://127.0.0.1:${(server.address() as AddressInfo).port}`
    const transport = cleanup.use(grpcTransport({ name: "client", clock }))
    service = transport.client(url, networkServiceWire)
  })
  afterEach(async () => {
    await cleanup.disposeAsync()
    server.close()
    assert.equal(clock.pending, 0)
  })

  /** A call that has arrived. */
  const asked = async (): Promise<{ readonly answer: Promise<Connection> }> => {
    const answer = withCall({ clock, log: silentLog, timeoutMs: 15_000 }, (call) =>
      service.request(create(NetworkServiceRequestSchema), call),
    )
    answer.catch(() => {})
    await once(server, "stream")
    return { answer }
  }

  it("loses its connection when nobody is there any more", async () => {
    const { answer } = await asked()
    server.close()
    await clock.advance(1000)
    await assert.rejects(answer, { reason: "PEER_UNREACHABLE", text: /connection was lost/ })
  })

  it("goes on waiting while somebody takes connections", async () => {
    const { answer } = await asked()
    for (const passedMs of [250, 500, 1000]) {
      const knocked = once(server, "connection")
      await clock.advance(passedMs)
      await knocked
    }
    await clock.advance(15_000)
    await assert.rejects(answer, { reason: "DEADLINE_EXCEEDED" })
  })
})
