import assert from "node:assert/strict"
import { create, type MessageInitShape, toBinary } from "@bufbuild/protobuf"
import {
  type Connection,
  type ConnectionEvent,
  ConnectionEventSchema,
  ConnectionEventTypeSchema,
  MonitorScopeSelectorSchema,
  State,
} from "@nsm/api"
import { bind, chain, element } from "../../../core/chain.ts"
import { NsmError } from "../../../core/errors.ts"
import { testCall } from "../../../testing/call.ts"
import { elementContract } from "../../../testing/contract.ts"
import { FakeClock } from "../../../testing/fake-clock.ts"
import { requestAtHop } from "../../../testing/messages.ts"
import { failOn, record } from "../../../testing/probes.ts"
import { connectionOf, withConnection } from "../../connection.ts"
import type { NetworkService } from "../../service.ts"
import { grant } from "../../tail.ts"
import { monitor, type MonitorOptions } from "./monitor.ts"
import { type Changes, publish } from "./publish.ts"

type Selector = MessageInitShape<typeof MonitorScopeSelectorSchema>

interface HopInit extends MonitorOptions {
  readonly fails?: Parameters<typeof failOn>[0]
  /** What is told between the next hop's grant and the monitor, in order. @default nothing */
  readonly early?: readonly State[]
}

const telling = (states: readonly State[]) =>
  element<NetworkService>("telling", (next) => ({
    async request(request, call) {
      const granted = await next.request(request, call)
      for (const state of states) call.get(publish)(granted.id, { state })
      return granted
    },
  }))

/** A hop with a monitor. */
function hop({ fails = {}, early = [], ...options }: HopInit = {}) {
  const clock = new FakeClock()
  const seen = record()
  const parts = [monitor(options), seen, telling(early), failOn(fails)]
  const service = bind(chain("hop", ...parts), grant)
  const request = (id: string, labels: Record<string, string> = {}) =>
    service.request(withConnection(requestAtHop("hop", id), { labels }), testCall({ clock }))
  const close = (id: string) =>
    service.close(connectionOf(requestAtHop("hop", id)), testCall({ clock }))
  /** Tells what became of a connection, as an element behind the monitor does. */
  const tell = (id: string, changes: Changes): void =>
    seen.requests[0]?.call.get(publish)(id, changes)
  const watch = (selector: Selector = {}, controller = new AbortController()) => {
    const call = testCall({ clock, signal: controller.signal })
    const events = service.monitorConnections(create(MonitorScopeSelectorSchema, selector), call)
    return { controller, ...reader(events[Symbol.asyncIterator](), clock) }
  }
  return { clock, request, close, tell, watch }
}

/** Reads events in short: `UPDATE a b`. */
function reader(events: AsyncIterator<ConnectionEvent>, clock: FakeClock) {
  let waiting: Promise<IteratorResult<ConnectionEvent>> | undefined
  /** The next event, or `nothing` when there is none by then. */
  const event = async (withinMs = 250): Promise<ConnectionEvent | "nothing" | "end"> => {
    waiting ??= events.next()
    const passed = clock.advance(withinMs).then(() => "nothing" as const)
    const settled = await Promise.race([waiting, passed])
    if (settled === "nothing") return settled
    waiting = undefined
    return settled.done ? "end" : settled.value
  }
  const next = async (withinMs?: number): Promise<string> => {
    const found = await event(withinMs)
    return typeof found === "string" ? found : shown(found)
  }
  return { event, next }
}

function shown({ type, connections }: ConnectionEvent): string {
  const name = ConnectionEventTypeSchema.value[type]?.name
  return [name, ...Object.keys(connections)].join(" ")
}

async function connectionsOf(read: Promise<ConnectionEvent | string>): Promise<Connection[]> {
  const event = await read
  assert.ok(typeof event !== "string", `an event, not ${typeof event === "string" ? event : ""}`)
  return Object.values(event.connections)
}

describe("monitor", () => {
  elementContract(() => monitor(), { answersWatches: true })
  elementContract(() => monitor({ tellsFailures: true }), { answersWatches: true })

  it("begins with what there is", async () => {
    const { request, watch } = hop()
    await request("a")
    await request("b")
    const { next } = watch()
    assert.equal(await next(), "INITIAL_STATE_TRANSFER a b")
    assert.equal(await next(), "nothing")
  })

  it("begins with nothing where there is nothing", async () => {
    const { next } = hop().watch()
    assert.equal(await next(), "INITIAL_STATE_TRANSFER")
    assert.equal(await next(), "nothing")
  })

  it("tells of each request and of each close", async () => {
    const { request, close, watch } = hop()
    const { next } = watch()
    await next()
    assert.equal(await next(), "nothing")
    await request("a")
    assert.equal(await next(), "UPDATE a")
    await request("a")
    assert.equal(await next(), "UPDATE a")
    await close("a")
    assert.equal(await next(), "DELETE a")
    await close("a")
    assert.equal(await next(), "nothing")
  })

  it("tells of a close that failed", async () => {
    const { request, close, watch } = hop({ fails: { close: 1 } })
    await request("a")
    const { next } = watch()
    await next()
    await assert.rejects(close("a"))
    assert.equal(await next(), "DELETE a")
  })

  it("tells only of what is selected", async () => {
    const { request, close, watch } = hop()
    await request("a")
    await request("b")
    const { next } = watch({ pathSegments: [{ id: "a", name: "hop" }] })
    assert.equal(await next(), "INITIAL_STATE_TRANSFER a")
    await request("b")
    await close("b")
    assert.equal(await next(), "nothing")
    await request("a")
    assert.equal(await next(), "UPDATE a")
  })

  it("tells that a request succeeded as the state up", async () => {
    const { request, tell, watch } = hop()
    await request("a")
    tell("a", { state: State.DOWN })
    const { event } = watch()
    assert.equal((await connectionsOf(event()))[0]?.state, State.DOWN)
    await request("a")
    assert.equal((await connectionsOf(event()))[0]?.state, State.UP)
  })

  it("tells what became of a connection between requests, once", async () => {
    const { request, tell, watch } = hop()
    await request("a", { app: "x" })
    const { event, next } = watch()
    await next()
    tell("a", { state: State.DOWN })
    const [down] = await connectionsOf(event())
    assert.equal(down?.state, State.DOWN)
    assert.equal(down.labels["app"], "x")
    tell("a", { state: State.DOWN })
    assert.equal(await next(), "nothing")
  })

  it("tells what became of a new connection before its grant got here", async () => {
    const { request, watch } = hop({ early: [State.DOWN], fails: { request: 1 } })
    const { event, next } = watch()
    await next()
    await assert.rejects(request("a"))
    assert.equal(await next(), "nothing")
    await request("a")
    assert.equal((await connectionsOf(event()))[0]?.state, State.DOWN)
    assert.equal(await next(), "nothing")
  })

  it("tells that a connection is lost again though a request for it is granted only then", async () => {
    const { request, tell, watch } = hop({ early: [State.DOWN] })
    await request("a")
    const { event, next } = watch()
    await next()
    tell("a", { state: State.UP })
    assert.equal((await connectionsOf(event()))[0]?.state, State.UP)
    await request("a")
    assert.equal((await connectionsOf(event()))[0]?.state, State.DOWN)
  })

  it("takes what was told before the next hop granted a request for over", async () => {
    const { request, tell, watch } = hop({ early: [State.DOWN, State.UP] })
    await request("a")
    tell("a", { state: State.DOWN })
    const { event, next } = watch()
    await next()
    await request("a")
    assert.equal((await connectionsOf(event()))[0]?.state, State.UP)
    assert.equal(await next(), "nothing")
  })

  it("tells nothing of connections that it does not know", async () => {
    const { request, close, tell, watch } = hop()
    await request("a")
    await close("a")
    const { next } = watch()
    await next()
    tell("a", { state: State.DOWN })
    assert.equal(await next(), "nothing")
  })

  it("tells that a connection is down when its refresh failed, where that is asked for", async () => {
    const { request, watch } = hop({ tellsFailures: true, fails: { request: [1, 3] } })
    const { event, next } = watch()
    await next()
    await assert.rejects(request("a"))
    assert.equal(await next(), "nothing")
    await request("a")
    assert.equal(await next(), "UPDATE a")
    await assert.rejects(request("a"))
    assert.equal((await connectionsOf(event()))[0]?.state, State.DOWN)
  })

  it("keeps silent about a failed refresh otherwise", async () => {
    const { request, watch } = hop({ fails: { request: 2 } })
    await request("a")
    const { next } = watch()
    await next()
    await assert.rejects(request("a"))
    assert.equal(await next(), "nothing")
  })

  describe("to those who read slowly", () => {
    it("tells the latest state of each connection", async () => {
      const { request, watch } = hop()
      await request("a")
      const { event, next } = watch()
      await next()
      for (const at of ["1", "2", "3"]) {
        await request("a", { at })
        await request("b", { at })
      }
      const connections = await connectionsOf(event())
      assert.deepEqual(
        connections.map(({ id, labels }) => [id, labels["at"]]),
        [
          ["a", "3"],
          ["b", "3"],
        ],
      )
      assert.equal(await next(), "nothing")
    })

    it("tells that a connection was closed, whatever came before", async () => {
      const { request, close, watch } = hop()
      await request("a")
      const { next } = watch()
      await next()
      await request("a", { at: "1" })
      await close("a")
      assert.equal(await next(), "DELETE a")
      assert.equal(await next(), "nothing")
    })

    it("tells nothing of what came and went, and keeps nothing of it", async () => {
      const { request, close, watch } = hop()
      const { next } = watch()
      await next()
      for (let at = 0; at < 1000; at++) {
        await request(`${at}`)
        await close(`${at}`)
      }
      assert.equal(await next(), "nothing")
    })

    it("tells that a connection was opened anew", async () => {
      const { request, close, watch } = hop()
      await request("a")
      const { next } = watch()
      await next()
      await close("a")
      await request("a")
      assert.equal(await next(), "UPDATE a")
      assert.equal(await next(), "nothing")
    })

    it("sends many connections in parts", async () => {
      const { request, watch } = hop()
      for (let at = 0; at < 450; at++) await request(`${at}`)
      const { event, next } = watch()
      const sizes = []
      for (let part = 0; part < 3; part++) sizes.push((await connectionsOf(event())).length)
      assert.deepEqual(sizes, [200, 200, 50])
      assert.equal(await next(), "nothing")
    })
  })

  it("sends large connections in parts that every peer takes", async () => {
    const { request, watch } = hop()
    for (let at = 0; at < 5; at++) await request(`${at}`, { large: "x".repeat(500_000) })
    const { event, next } = watch()
    const sizes = []
    for (let part = 0; part < 3; part++) {
      const told = await event()
      assert.ok(typeof told !== "string")
      assert.ok(toBinary(ConnectionEventSchema, told).length < 4 * 2 ** 20)
      sizes.push(Object.keys(told.connections).length)
    }
    assert.deepEqual(sizes, [2, 2, 1])
    assert.equal(await next(), "nothing")
  })

  it("gathers for a while which connections are well", async () => {
    const { clock, request, watch } = hop()
    const { next } = watch()
    await next(0)
    await request("a")
    assert.equal(await next(0), "nothing")
    await clock.advance(50)
    await request("b")
    await request("a")
    assert.equal(await next(199), "nothing")
    assert.equal(await next(1), "UPDATE a b")
    await request("b")
    assert.equal(await next(249), "nothing")
    assert.equal(await next(1), "UPDATE b")
  })

  it("tells at once that one is not well, or is well again, and what was gathered", async () => {
    const { request, close, tell, watch } = hop()
    await request("a")
    const { next } = watch()
    await next(0)
    await request("b")
    tell("a", { state: State.DOWN })
    assert.equal(await next(0), "UPDATE b a")
    tell("a", { state: State.UP })
    assert.equal(await next(0), "UPDATE a")
    await request("b")
    await close("a")
    assert.deepEqual([await next(0), await next(0)], ["UPDATE b", "DELETE a"])
  })

  it("tells at once that one is closed, also before it was told to be there", async () => {
    const { request, close, watch } = hop()
    const { next } = watch()
    await next(0)
    assert.equal(await next(0), "nothing")
    for (const id of ["a", "b", "c"]) await request(id)
    await Promise.all([close("a"), close("b")])
    assert.equal(await next(0), "DELETE a b")
    assert.equal(await next(), "UPDATE c")
  })

  it("leaves nothing waiting when a watch ends while it gathers", async () => {
    const { clock, request, watch } = hop()
    const { controller, next } = watch()
    await next(0)
    await request("a")
    assert.equal(clock.pending, 1)
    controller.abort()
    assert.equal(await next(0), "end")
    assert.equal(clock.pending, 0)
  })

  it("ends with the call that watches", async () => {
    const { controller, next } = hop().watch()
    await next()
    assert.equal(await next(), "nothing")
    controller.abort()
    assert.equal(await next(), "end")
  })

  it("ends all watches when it ends", async () => {
    const controller = new AbortController()
    const { watch } = hop({ signal: controller.signal })
    const { next } = watch()
    await next()
    assert.equal(await next(), "nothing")
    controller.abort(new NsmError("SHUTTING_DOWN", "the process is ending"))
    await assert.rejects(next(), { reason: "SHUTTING_DOWN" })
    await assert.rejects(watch().next(), { reason: "SHUTTING_DOWN" })
  })
})
