import assert from "node:assert/strict"
import { create } from "@bufbuild/protobuf"
import { ConnectionSchema, NetworkServiceRequestSchema } from "@nsm/api"
import { bind, grant, silentLog, withCall } from "@nsm/sdk"
import { FakeClock } from "@nsm/sdk/testing"
import { idle } from "./idle.ts"

function idling(timeoutMs: number) {
  const clock = new FakeClock()
  const controller = new AbortController()
  let count = 0
  const onIdle = (): void => void count++
  const { observer, start } = idle({ clock, timeoutMs, onIdle, signal: controller.signal })
  const service = bind(observer, grant)
  const connection = create(ConnectionSchema, { id: "a" })
  const request = create(NetworkServiceRequestSchema, { connection })
  return {
    clock,
    controller,
    start,
    count: () => count,
    request: () => withCall({ clock, log: silentLog }, (call) => service.request(request, call)),
    close: () => withCall({ clock, log: silentLog }, (call) => service.close(connection, call)),
  }
}

describe("idle", () => {
  it("speaks up when nobody came since it was started", async () => {
    const { clock, start, count } = idling(1000)
    await clock.advance(5000)
    start()
    await clock.advance(999)
    assert.equal(count(), 0)
    await clock.advance(1)
    assert.equal(count(), 1)
  })

  it("is quiet while there is a connection, and counts anew after the last", async () => {
    const { clock, start, count, request, close } = idling(1000)
    start()
    await request()
    await clock.advance(5000)
    assert.equal(count(), 0)
    await close()
    await clock.advance(1000)
    assert.equal(count(), 1)
  })

  it("never speaks with a time of 0, and leaves no timer", async () => {
    const { clock, start, count, request, close } = idling(0)
    start()
    await request()
    await close()
    assert.deepEqual([clock.pending, count()], [0, 0])
  })

  it("drops its timer at the end", () => {
    const { clock, controller, start } = idling(1000)
    start()
    assert.equal(clock.pending, 1)
    controller.abort()
    assert.equal(clock.pending, 0)
  })
})
