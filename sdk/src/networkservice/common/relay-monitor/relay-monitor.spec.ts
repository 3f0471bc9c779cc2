import assert from "node:assert/strict"
import { isDeepStrictEqual } from "node:util"
import { create, type MessageInitShape } from "@bufbuild/protobuf"
import {
  type Connection,
  ConnectionEventSchema,
  ConnectionEventType,
  ConnectionSchema,
  type ConnectionEvent,
  State,
} from "@nsm/api"
import { type Call } from "../../../core/call.ts"
import { bind, chain } from "../../../core/chain.ts"
import { unlessEnded } from "../../../core/ended.ts"
import { NsmError } from "../../../core/errors.ts"
import { testCall } from "../../../testing/call.ts"
import { elementContract } from "../../../testing/contract.ts"
import { FakeClock } from "../../../testing/fake-clock.ts"
import { requestAtHop } from "../../../testing/messages.ts"
import { failOn, type Gate, hold } from "../../../testing/probes.ts"
import { connectionOf } from "../../connection.ts"
import type { NetworkService } from "../../service.ts"
import { connectionState } from "../connection-state.ts"
import { type Changes, publish } from "../monitor/publish.ts"
import { nextUrl } from "../next-url.ts"
import { relayMonitor } from "./relay-monitor.ts"

/** A watch that the hop behind has open. */
interface OpenWatch {
  readonly url: string | undefined
  readonly name: string | undefined
  readonly call: Call
  send(event: ConnectionEvent): void
  end(failure?: NsmError): void
}

/** Hops behind, which answer watches as a test tells them to. */
function hopsBehind() {
  const watches: OpenWatch[] = []
  const service: NetworkService = {
    request: async ({ connection }) => connection ?? create(ConnectionSchema),
    close: async () => {},
    async *monitorConnections({ pathSegments }, call) {
      let queue = Promise.withResolvers<ConnectionEvent | undefined>()
      const watch = {
        url: call.get(nextUrl),
        name: pathSegments[0]?.name,
        call,
        send: (event: ConnectionEvent) => queue.resolve(event),
        end: (failure?: NsmError) => (failure ? queue.reject(failure) : queue.resolve(undefined)),
      }
      watches.push(watch)
      try {
        for (;;) {
          const event = await unlessEnded(call.signal, queue.promise)
          if (!event) return
          queue = Promise.withResolvers()
          yield event
        }
      } finally {
        watches.splice(watches.indexOf(watch), 1)
      }
    },
  }
  return { watches, service }
}

function world({
  fails = {},
  gate,
  signal,
}: { fails?: Parameters<typeof failOn>[0]; gate?: Gate; signal?: AbortSignal } = {}) {
  const clock = new FakeClock()
  const { watches, service: behind } = hopsBehind()
  const told: [string, Changes][] = []
  const grants: string[] = []
  const parts = [connectionState(), relayMonitor({ name: "hop", signal }), ...(gate ? [gate] : [])]
  const service = bind(chain("hop", ...parts, failOn(fails)), behind)
  const call = (url: string): Call =>
    testCall({ clock })
      .with(nextUrl, url)
      .with(publish, (id, changes) => {
        // Nothing but that it is up is told of each grant.
        if (isDeepStrictEqual(changes, { state: State.UP })) grants.push(id)
        else told.push([id, changes])
      })
  const request = (id: string, url = "memory:next") =>
    service.request(requestAtHop("hop", id), call(url))
  const close = (id: string) =>
    service.close(connectionOf(requestAtHop("hop", id)), call("memory:next"))
  const send = async (event: ConnectionEvent): Promise<void> => {
    await clock.advance(0)
    assert.equal(watches.length, 1)
    watches[0]?.send(event)
    await clock.advance(0)
  }
  const states = () => told.map(([id, { state }]) => [id, state])
  return { clock, watches, told, grants, states, request, close, send }
}

interface Behind extends Pick<MessageInitShape<typeof ConnectionSchema>, "state" | "context"> {
  readonly index?: number
}

/** The connection of `requestAtHop` as the hop behind has it. */
function behind(
  id: string,
  { index = 2, state = State.UP, context = {} }: Behind = {},
): Connection {
  return create(ConnectionSchema, {
    state,
    context,
    id: `next-of-${id}`,
    path: {
      index,
      pathSegments: [
        { name: "client", id: "client-1" },
        { name: "hop", id },
        { name: "next", id: `next-of-${id}` },
        { name: "endpoint", id: "endpoint-1" },
      ],
    },
  })
}

function event(type: ConnectionEventType, ...connections: Connection[]): ConnectionEvent {
  const byId = Object.fromEntries(connections.map((connection) => [connection.id, connection]))
  return create(ConnectionEventSchema, { type, connections: byId })
}

const { INITIAL_STATE_TRANSFER, UPDATE, DELETE } = ConnectionEventType

describe("relayMonitor", () => {
  elementContract(() => relayMonitor({ name: "hop", signal: AbortSignal.abort() }))

  it("watches its own connections at the next hop, once for all of them", async () => {
    const { clock, watches, request } = world()
    await request("a")
    await request("b")
    await request("a")
    await clock.advance(0)
    assert.deepEqual(
      watches.map(({ url, name }) => [url, name]),
      [["memory:next", "hop"]],
    )
  })

  it("watches each hop on its own, as long as connections go there", async () => {
    const { clock, watches, request, close } = world()
    await request("a", "memory:one")
    await request("b", "memory:two")
    await clock.advance(0)
    assert.equal(watches.length, 2)
    await request("a", "memory:two")
    await clock.advance(0)
    assert.deepEqual(
      watches.map(({ url }) => url),
      ["memory:two"],
    )
    await close("a")
    await clock.advance(0)
    assert.equal(watches.length, 1)
    await close("b")
    await clock.advance(0)
    assert.equal(watches.length, 0)
  })

  it("watches nothing for a request that failed", async () => {
    const { clock, watches, request } = world({ fails: { request: 1 } })
    await assert.rejects(request("a"))
    await clock.advance(0)
    assert.equal(watches.length, 0)
  })

  it("keeps watching when a refresh fails", async () => {
    const { clock, watches, request } = world({ fails: { request: 2 } })
    await request("a")
    await assert.rejects(request("a"))
    await clock.advance(0)
    assert.equal(watches.length, 1)
  })

  it("tells path, context and state under its own id and at its own place", async () => {
    const { told, request, send } = world()
    await request("a")
    const there = behind("a", { state: State.REFRESH_REQUESTED, context: { MTU: 1400 } })
    await send(event(UPDATE, there))
    assert.equal(told.length, 1)
    const [[id, changes] = []] = told
    assert.equal(id, "a")
    assert.equal(changes?.path?.index, 1)
    assert.equal(changes.path.pathSegments.length, 4)
    assert.equal(changes.context?.MTU, 1400)
    assert.equal(changes.state, State.REFRESH_REQUESTED)
  })

  it("tells that a connection is up with each grant, which ends what was told before", async () => {
    const { request, grants, states } = world()
    await request("a")
    await request("a")
    assert.deepEqual(grants, ["a", "a"])
    assert.deepEqual(states(), [])
  })

  it("tells of a connection that is gone as down", async () => {
    const { states, request, send } = world()
    await request("a")
    await send(event(DELETE, behind("a")))
    assert.deepEqual(states(), [["a", State.DOWN]])
  })

  it("tells nothing of other connections", async () => {
    const { told, request, send } = world()
    await request("a")
    await send(event(INITIAL_STATE_TRANSFER, behind("b")))
    await send(event(UPDATE, create(ConnectionSchema, { id: "bare" })))
    assert.deepEqual(told, [])
  })

  it("tells nothing of hops beyond the next", async () => {
    const { told, request, send } = world()
    await request("a")
    await send(event(UPDATE, behind("a", { index: 3 })))
    assert.deepEqual(told, [])
    await send(event(UPDATE, behind("a", { index: 1 })))
    assert.equal(told.length, 1)
  })

  it("finds its place where it stands on the path twice", async () => {
    const { told, request, send } = world()
    await request("a")
    const pathSegments = ["client", "hop", "through", "hop", "next"].map((name, at) => ({
      ...{ name, id: at === 1 ? "first" : at === 3 ? "a" : `${name}-1` },
    }))
    const connection = create(ConnectionSchema, { id: "next-1", path: { index: 4, pathSegments } })
    await send(event(DELETE, connection))
    assert.deepEqual(
      told.map(([id, { path }]) => [id, path?.index]),
      [["a", 3]],
    )
  })

  it("tells of a connection that was lost before its grant arrived", async () => {
    const gate = hold()
    const { clock, states, request, send } = world({ gate })
    const first = request("a")
    await clock.advance(0)
    gate.release()
    await first
    const second = request("b")
    await send(event(DELETE, behind("b")))
    assert.deepEqual(states(), [])
    gate.release()
    await second
    assert.deepEqual(states(), [["b", State.DOWN]])
  })

  for (const [title, fails] of [
    ["granted", {}],
    ["refused", { request: 2 }],
  ] as const) {
    it(`watches on for one that is requested when the last other closes, until it is ${title}`, async () => {
      const gate = hold()
      const { clock, watches, states, request, close, send } = world({ gate, fails })
      const first = request("a")
      await clock.advance(0)
      gate.release()
      await first
      const both = Promise.allSettled([request("b"), close("a")])
      await send(event(DELETE, behind("b")))
      gate.open()
      await both
      await clock.advance(0)
      const isGranted = title === "granted"
      assert.deepEqual(states(), isGranted ? [["b", State.DOWN]] : [])
      assert.equal(watches.length, isGranted ? 1 : 0)
    })
  }

  it("tells nothing of what it closed itself", async () => {
    const { told, request, close, send } = world()
    await request("a")
    await request("b")
    await close("a")
    await send(event(DELETE, behind("a")))
    assert.deepEqual(told, [])
  })

  for (const [title, failure] of [
    ["is lost", new NsmError("PEER_UNREACHABLE", "the connection was lost")],
    ["ends in order", undefined],
  ] as const) {
    it(`tells that all connections are down when the watch ${title}, and watches again later`, async () => {
      const { clock, watches, states, request } = world()
      await request("a")
      await request("b")
      await clock.advance(0)
      watches[0]?.end(failure)
      await clock.advance(0)
      assert.deepEqual(states(), [
        ["a", State.DOWN],
        ["b", State.DOWN],
      ])
      assert.equal(watches.length, 0)
      await request("a")
      await clock.advance(0)
      assert.equal(watches.length, 1)
    })
  }

  for (const [title, failure] of [
    ["cannot", new NsmError("UNIMPLEMENTED", "connections cannot be monitored here")],
    ["may not", new NsmError("PERMISSION_DENIED", "a policy does not allow it")],
  ] as const) {
    it(`keeps silent about a hop that ${title} be watched, and tries again later`, async () => {
      const { clock, watches, told, request } = world()
      await request("a")
      await clock.advance(0)
      watches[0]?.end(failure)
      await clock.advance(0)
      assert.deepEqual([watches.length, told], [0, []])
      await request("a")
      await clock.advance(0)
      assert.equal(watches.length, 1)
    })
  }

  it("ends all watches when it ends, and tells nothing of it", async () => {
    const controller = new AbortController()
    const { clock, watches, told, request } = world({ signal: controller.signal })
    await request("a")
    await clock.advance(0)
    controller.abort(new NsmError("SHUTTING_DOWN", "the process is ending"))
    await clock.advance(0)
    assert.equal(watches.length, 0)
    assert.deepEqual(told, [])
    await request("b")
    await clock.advance(0)
    assert.equal(watches.length, 0)
  })
})
