import assert from "node:assert/strict"
import { mkdtempDisposable } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { create } from "@bufbuild/protobuf"
import { ConnectionSchema, HealthCheckRequestSchema } from "@nsm/api"
import { withCall } from "../../core/call.ts"
import { silentLog } from "../../core/log.ts"
import { networkServiceWire } from "../../networkservice/service.ts"
import { grant } from "../../networkservice/tail.ts"
import { FakeClock } from "../../testing/fake-clock.ts"
import { healthWire } from "../health.ts"
import { expose } from "../transport.ts"
import { plaintext } from "./security.ts"
import { Pool } from "./pool.ts"
import { grpcTransport } from "./transport.ts"

describe("pool of channels", () => {
  const make = async () => {
    const dir = await mkdtempDisposable(join(tmpdir(), "nsm-"))
    const clock = new FakeClock()
    const server = grpcTransport({ name: "server" })
    const pool = new Pool({ clock, security: plaintext, dialTimeoutMs: 1000 })
    const listeners = new Map<string, AsyncDisposable>()
    const listen = async (name: string): Promise<string> => {
      const wanted = `unix://${join(dir.path, name)}`
      const listener = await server.listen(wanted, [expose(networkServiceWire, grant)])
      listeners.set(listener.url, listener)
      return listener.url
    }
    const leave = async (url: string): Promise<void> => listeners.get(url)?.[Symbol.asyncDispose]()
    const service = (url: string) => pool.client(url, networkServiceWire)
    const ask = (url: string): Promise<void> =>
      withCall({ clock, log: silentLog }, (call) =>
        service(url).close(create(ConnectionSchema), call),
      )
    return {
      clock,
      pool,
      listen,
      leave,
      service,
      ask,
      async [Symbol.asyncDispose]() {
        pool[Symbol.dispose]()
        await server[Symbol.asyncDispose]()
        await dir.remove()
      },
    }
  }

  it("gives the same client for the same URL and wire", async () => {
    await using made = await make()
    const { service } = made
    assert.equal(service("unix:///a"), service("unix:///a"))
    assert.notEqual(service("unix:///a"), service("unix:///b"))
  })

  it("lets go of peers that were not called in a while, and dials them again", async () => {
    await using made = await make()
    const { clock, listen, service, ask } = made
    const [old, other, another] = [await listen("a"), await listen("b"), await listen("c")]
    const kept = service(old)
    await ask(old)
    await clock.advance(299_999)
    await ask(other)
    assert.equal(service(old), kept)
    await clock.advance(1)
    await ask(another)
    assert.notEqual(service(old), kept)
    await withCall({ clock, log: silentLog }, (call) => kept.close(create(ConnectionSchema), call))
  })

  it("lets go soon of a peer that has gone, and reaches it when it is back", async () => {
    await using made = await make()
    const { clock, listen, leave, service, ask } = made
    const gone = await listen("a")
    await ask(gone)
    const kept = service(gone)
    await clock.advance(2000)
    service("unix:///b")
    assert.equal(service(gone), kept)
    await leave(gone)
    await assert.rejects(ask(gone), { reason: "PEER_UNREACHABLE" })
    await clock.advance(1000)
    service("unix:///c")
    assert.notEqual(service(gone), kept)
    await listen("a")
    await withCall({ clock, log: silentLog }, (call) => kept.close(create(ConnectionSchema), call))
  })

  it("keeps a peer with a call that runs", async () => {
    await using made = await make()
    const { clock, listen, service, ask } = made
    const [watched, other] = [await listen("a"), await listen("b")]
    const kept = service(watched)
    await withCall({ clock, log: silentLog }, async (call) => {
      const health = made.pool.client(watched, healthWire)
      for await (const _ of health.watch(create(HealthCheckRequestSchema), call)) {
        await clock.advance(400_000)
        await ask(other)
        assert.equal(service(watched), kept)
        break
      }
    })
  })
})
