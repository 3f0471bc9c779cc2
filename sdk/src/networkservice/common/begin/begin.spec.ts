import assert from "node:assert/strict"
import { create } from "@bufbuild/protobuf"
import {
  type Connection,
  ConnectionContextSchema,
  ConnectionSchema,
  type NetworkServiceRequest,
  PathSchema,
  State,
} from "@nsm/api"
import { type Call, withCall } from "../../../core/call.ts"
import { bind, chain, element } from "../../../core/chain.ts"
import { NsmError } from "../../../core/errors.ts"
import { silentLog } from "../../../core/log.ts"
import { testCall } from "../../../testing/call.ts"
import { elementContract } from "../../../testing/contract.ts"
import { FakeClock } from "../../../testing/fake-clock.ts"
import { requestOf } from "../../../testing/messages.ts"
import { failOn, type Gate, hold, record } from "../../../testing/probes.ts"
import { connectionOf } from "../../connection.ts"
import type { NetworkService } from "../../service.ts"
import { grant } from "../../tail.ts"
import { begin, type BeginOptions } from "./begin.ts"
import { established } from "./established.ts"
import { type EventFactory, eventsOf } from "./event-factory.ts"

interface WorldInit extends BeginOptions {
  readonly fails?: Parameters<typeof failOn>[0]
  readonly gate?: Gate
  /** Whether what follows goes on when the caller gives up. */
  readonly isDeaf?: boolean
}

const deaf = element<NetworkService>("deaf", (next) => ({
  request: (request, call) =>
    next.request(request, call.renewed({ signal: new AbortController().signal })),
}))

/** A chain behind `begin`, on a clock of its own. */
function world({ fails = {}, gate, isDeaf = false, ...options }: WorldInit = {}) {
  const clock = new FakeClock()
  const seen = record()
  const parts = [begin(options), seen, ...(isDeaf ? [deaf] : []), ...(gate ? [gate] : [])]
  const service = bind(chain("hop", ...parts, failOn(fails)), grant)
  const call = (timeLimitMs?: number): Call =>
    testCall({ clock, deadline: timeLimitMs && clock.now() + timeLimitMs })
  const events = (): EventFactory => {
    const last = seen.requests.at(-1)
    assert.ok(last)
    return eventsOf(last.call)
  }
  const establishedSeen = () => seen.requests.map((request) => request.call.get(established))
  return { clock, seen, service, call, events, establishedSeen }
}

const asked = (request: NetworkServiceRequest | undefined): Connection => {
  assert.ok(request?.connection)
  return request.connection
}

describe("begin", () => {
  elementContract(() => begin())
  elementContract(() => begin({ merges: true }))

  it("rejects a connection without an id", async () => {
    const { service, call } = world()
    const failure = { reason: "INVALID_REQUEST", text: "connection.id is empty" }
    await assert.rejects(service.request(requestOf({ id: "" }), call()), failure)
    await assert.rejects(service.close(create(ConnectionSchema), call()), failure)
  })

  describe("a caller that gives up", () => {
    it("has what it is granted too late closed, with time for that", async () => {
      const gate = hold()
      const { clock, seen, service, call } = world({ gate, isDeaf: true })
      const controller = new AbortController()
      const leaving = service.request(requestOf(), call().renewed({ signal: controller.signal }))
      await clock.advance(0)
      controller.abort(new NsmError("CANCELLED", "enough"))
      gate.open()
      await assert.rejects(leaving, { reason: "CANCELLED", text: "enough" })
      assert.equal(seen.closes.length, 1)
      assert.equal(clock.pending, 0)
      await service.request(requestOf(), call())
      assert.equal(seen.requests.at(-1)?.call.get(established), false)
    })

    it("keeps what it was granted before", async () => {
      const gate = hold()
      const { clock, seen, service, call } = world({ gate, isDeaf: true })
      const controller = new AbortController()
      const first = service.request(requestOf(), call())
      await clock.advance(0)
      gate.release()
      await first
      const again = service.request(requestOf(), call().renewed({ signal: controller.signal }))
      await clock.advance(0)
      controller.abort(new NsmError("CANCELLED", "enough"))
      gate.open()
      await again
      assert.equal(seen.closes.length, 0)
    })
  })

  describe("exclusivity and order", () => {
    it("runs the calls of a connection one after the other, in the order of their arrival", async () => {
      const gate = hold()
      const { clock, seen, service, call } = world({ gate })
      const first = service.request(requestOf({ labels: { at: "1" } }), call())
      const second = service.request(requestOf({ labels: { at: "2" } }), call())
      const closing = service.close(asked(requestOf()), call())
      await clock.advance(0)
      assert.equal(seen.requests.length, 1)
      gate.release()
      await first
      await clock.advance(0)
      assert.equal(seen.requests.length, 2)
      assert.equal(seen.closes.length, 0)
      gate.open()
      await second
      await closing
      assert.deepEqual(
        seen.requests.map(({ message }) => asked(message).labels["at"]),
        ["1", "2"],
      )
    })

    it("lets connections go beside each other", async () => {
      const gate = hold()
      const { clock, seen, service, call } = world({ gate })
      const both = ["a", "b"].map((id) => service.request(requestOf({ id }), call()))
      await clock.advance(0)
      assert.equal(seen.requests.length, 2)
      gate.open()
      await Promise.all(both)
    })

    it("does not run a request whose caller gave up while it waited", async () => {
      const gate = hold()
      const { clock, seen, service, call } = world({ gate })
      const first = service.request(requestOf(), call())
      const second = withCall({ clock, log: silentLog, timeoutMs: 1000 }, (limited) =>
        service.request(requestOf(), limited),
      )
      const late = assert.rejects(second, { reason: "DEADLINE_EXCEEDED" })
      await clock.advance(1000)
      await late
      gate.open()
      await first
      await clock.advance(0)
      assert.equal(seen.requests.length, 1)
    })

    it("runs a close whose caller gave up while it waited", async () => {
      const gate = hold()
      const { clock, seen, service, call } = world({ gate })
      const controller = new AbortController()
      const requesting = service.request(requestOf(), call())
      const closing = service.close(
        asked(requestOf()),
        testCall({ clock, signal: controller.signal, deadline: clock.now() }),
      )
      await clock.advance(0)
      controller.abort(new NsmError("CANCELLED", "given up"))
      gate.open()
      await requesting
      await closing
      const [close] = seen.closes
      assert.ok(close)
      assert.equal(close.call.deadline, clock.now() + 1000, "the close got no time of its own")
      assert.equal(clock.pending, 0)
    })
  })

  describe("requests", () => {
    it("tell later elements whether the connection is established", async () => {
      const { service, call, establishedSeen } = world({ fails: { request: [1, 3] } })
      await assert.rejects(service.request(requestOf(), call()))
      await service.request(requestOf(), call())
      await assert.rejects(service.request(requestOf(), call()))
      await service.request(requestOf(), call())
      assert.deepEqual(establishedSeen(), [false, false, true, true])
    })

    it("that succeed are answered with the state up", async () => {
      const { service, call } = world()
      const granted = await service.request(requestOf({ state: State.DOWN }), call())
      assert.equal(granted.state, State.UP)
    })

    it("that ask for a new selection close first and begin anew", async () => {
      const { seen, service, call, establishedSeen } = world()
      const first = await service.request(requestOf({ labels: { at: "1" } }), call())
      const state = State.RESELECT_REQUESTED
      const second = await service.request(requestOf({ state }), call())
      assert.deepEqual(
        seen.closes.map(({ message }) => message),
        [first],
      )
      assert.deepEqual(establishedSeen(), [false, false])
      assert.equal(second.state, State.UP)
    })

    it("that ask for a new selection go on when the close fails", async () => {
      const { seen, service, call } = world({ fails: { close: 1 } })
      await service.request(requestOf(), call())
      await service.request(requestOf({ state: State.RESELECT_REQUESTED }), call())
      assert.equal(seen.requests.length, 2)
    })

    it("that ask for a new selection of what is not established are as any other", async () => {
      const { seen, service, call } = world()
      await service.request(requestOf({ state: State.RESELECT_REQUESTED }), call())
      assert.equal(seen.closes.length, 0)
    })
  })

  describe("close", () => {
    it("closes what was granted last, whatever the caller says", async () => {
      const { seen, service, call } = world()
      const granted = await service.request(requestOf({ labels: { at: "1" } }), call())
      await service.close(asked(requestOf({ labels: { at: "2" } })), call())
      assert.deepEqual(
        seen.closes.map(({ message }) => message),
        [granted],
      )
    })

    it("does nothing where nothing was granted", async () => {
      const { seen, service, call } = world({ fails: { request: 1 } })
      await service.close(asked(requestOf()), call())
      await assert.rejects(service.request(requestOf(), call()))
      await service.close(asked(requestOf()), call())
      assert.equal(seen.closes.length, 0)
    })

    it("still closes what an earlier request granted when a later one failed", async () => {
      const { seen, service, call } = world({ fails: { request: 2 } })
      const granted = await service.request(requestOf(), call())
      await assert.rejects(service.request(requestOf(), call()))
      await service.close(granted, call())
      assert.equal(seen.closes.length, 1)
    })

    it("ignores one of a hop that it does not come from any more", async () => {
      const { seen, service, call } = world()
      const by = (id: string) => {
        const pathSegments = [
          { name: "forwarder", id },
          { name: "endpoint", id: "client-1" },
        ]
        return requestOf({ path: create(PathSchema, { index: 1, pathSegments }) })
      }
      await service.request(by("first"), call())
      await service.request(by("second"), call())
      await service.close(asked(by("first")), call())
      assert.equal(seen.closes.length, 0)
      await service.close(asked(by("second")), call())
      assert.equal(seen.closes.length, 1)
    })

    it("forgets the connection even when it fails", async () => {
      const { service, call, establishedSeen } = world({ fails: { close: 1 } })
      const granted = await service.request(requestOf(), call())
      await assert.rejects(service.close(granted, call()), { reason: "PEER_FAILED" })
      await service.close(granted, call())
      await service.request(requestOf(), call())
      assert.deepEqual(establishedSeen(), [false, false])
    })

    it("is not stopped by a caller who gives up, and ends by its time limit", async () => {
      const gate = hold()
      const { clock, service, call } = world({ gate })
      const controller = new AbortController()
      const requesting = service.request(requestOf(), call())
      await clock.advance(0)
      gate.release()
      const granted = await requesting
      const limited = testCall({ clock, signal: controller.signal, deadline: clock.now() + 5000 })
      const closing = assert.rejects(service.close(granted, limited), {
        reason: "DEADLINE_EXCEEDED",
      })
      await clock.advance(4999)
      controller.abort()
      await clock.advance(0)
      assert.equal(gate.waiting, 1)
      await clock.advance(1)
      await closing
      assert.equal(clock.pending, 0)
    })
  })

  describe("events from inside the chain", () => {
    it("repeat the last request with what was granted", async () => {
      const { seen, service, call, events } = world()
      const mechanismPreferences = [{ ...requestOf(), type: "KERNEL" }] as never
      const request = { ...requestOf({ labels: { at: "1" } }), mechanismPreferences }
      const granted = await service.request(request, call())
      await events().request()
      const [, second] = seen.requests
      assert.equal(second?.message.connection, granted)
      assert.equal(second.message.mechanismPreferences, mechanismPreferences)
    })

    it("get the time that the first request had", async () => {
      const { clock, seen, service, call, events } = world()
      await service.request(requestOf(), call(15_000))
      await clock.advance(60_000)
      await service.request(requestOf(), call(3000))
      await clock.advance(60_000)
      await events().request()
      assert.equal(seen.requests[2]?.call.deadline, clock.now() + 15_000)
    })

    it("have no time limit where the first request had none", async () => {
      const { seen, service, call, events } = world()
      await service.request(requestOf(), call())
      await service.request(requestOf(), call(3000))
      await events().request()
      assert.equal(seen.requests[2]?.call.deadline, undefined)
    })

    it("have a signal of their own, which ends with them", async () => {
      const { clock, seen, service, events } = world()
      await withCall({ clock, log: silentLog, timeoutMs: 15_000 }, (limited) =>
        service.request(requestOf(), limited),
      )
      const answering = events().request()
      await answering
      const [first, second] = seen.requests
      assert.ok(first?.call.signal.aborted)
      assert.notEqual(second?.call.signal, first.call.signal)
      assert.ok(second?.call.signal.aborted)
      assert.equal(clock.pending, 0)
    })

    it("run with the headers of the latest call from outside", async () => {
      const { clock, seen, service, events } = world()
      for (const at of ["1", "2"]) {
        await service.request(requestOf(), testCall({ clock, metadata: new Map([["at", at]]) }))
      }
      await events().request()
      assert.equal(seen.requests[2]?.call.metadata.get("at"), "2")
    })

    it("wait for what runs", async () => {
      const gate = hold()
      const { clock, seen, service, call, events } = world({ gate })
      const requesting = service.request(requestOf(), call())
      await clock.advance(0)
      const repeating = events().request()
      await clock.advance(0)
      assert.equal(seen.requests.length, 1)
      gate.open()
      await requesting
      await repeating
      assert.equal(seen.requests.length, 2)
    })

    it("close and forget the connection", async () => {
      const { seen, service, call, events, establishedSeen } = world()
      await service.request(requestOf(), call())
      await events().close()
      assert.equal(seen.closes.length, 1)
      await events().close()
      assert.equal(seen.closes.length, 1)
      await service.request(requestOf(), call())
      assert.deepEqual(establishedSeen(), [false, false])
    })

    it("do nothing once the connection is closed, not even to its successor", async () => {
      const { seen, service, call, events } = world()
      const granted = await service.request(requestOf(), call())
      const former = events()
      await service.close(granted, call())
      await service.request(requestOf(), call())
      await assert.rejects(former.request(), {
        reason: "CONNECTION_CLOSED",
        text: "connection client-1 is closed",
      })
      await former.close()
      assert.equal(seen.requests.length, 2)
      assert.equal(seen.closes.length, 1)
    })

    it("keep the connection when they fail", async () => {
      const { service, call, events, establishedSeen } = world({ fails: { request: 2 } })
      await service.request(requestOf(), call())
      await assert.rejects(events().request(), { reason: "PEER_FAILED" })
      await events().request()
      assert.deepEqual(establishedSeen(), [false, true, true])
    })

    it("select anew: close, and let go of mechanism and endpoint", async () => {
      const { seen, service, call, events, establishedSeen } = world()
      const mechanism = { type: "KERNEL", cls: "LOCAL" }
      const context = { MTU: 1400 }
      const connection = { mechanism, context, networkServiceEndpointName: "endpoint-1" }
      await service.request(requestOf(connection), call())
      const granted = await events().request({ reselect: true })
      assert.equal(seen.closes.length, 1)
      const again = asked(seen.requests[1]?.message)
      assert.equal(again.mechanism, undefined)
      assert.equal(again.networkServiceEndpointName, "")
      assert.equal(again.state, State.RESELECT_REQUESTED)
      assert.equal(again.context?.MTU, 1400)
      assert.deepEqual(establishedSeen(), [false, false])
      assert.equal(granted.state, State.UP)
    })

    it("let go of the MTU of the former way, unless the caller asked for it", async () => {
      const lowers = element<NetworkService>("lowers", (next) => ({
        async request(request, call) {
          const granted = await next.request(request, call)
          return { ...granted, context: create(ConnectionContextSchema, { MTU: 1446 }) }
        },
      }))
      const seen = record()
      const service = bind(chain("hop", begin({ merges: true }), seen, lowers), grant)
      await service.request(requestOf({ context: {} }), testCall())
      const [first] = seen.requests
      assert.ok(first)
      await eventsOf(first.call).request()
      await eventsOf(first.call).request({ reselect: true })
      const mtus = seen.requests.map(({ message }) => message.connection?.context?.MTU)
      assert.deepEqual(mtus, [0, 1446, 0])
    })

    it("get less time where the element says so", async () => {
      const { clock, seen, service, call, events } = world()
      await service.request(requestOf(), call(15_000))
      await events().request({ timeoutMs: 2000 })
      assert.equal(seen.requests.at(-1)?.call.deadline, clock.now() + 2000)
    })

    it("select anew though the close gets no answer", async () => {
      const gate = hold()
      const { clock, seen, service, call, events } = world({ gate })
      const first = service.request(requestOf(), call(15_000))
      await clock.advance(0)
      gate.release()
      await first
      const again = events().request({ reselect: true })
      await clock.advance(999)
      assert.equal(seen.requests.length, 1)
      await clock.advance(1)
      assert.equal(seen.requests.length, 2)
      gate.open()
      await again
      assert.equal(seen.requests.at(-1)?.call.remainingMs, 14_000)
    })

    it("may select anew until one succeeds", async () => {
      const { seen, service, call, events } = world({ fails: { request: [2, 3] } })
      await service.request(requestOf(), call())
      const factory = events()
      await assert.rejects(factory.request({ reselect: true }))
      await assert.rejects(factory.request({ reselect: true }))
      await factory.request({ reselect: true })
      assert.equal(seen.closes.length, 1)
      await factory.request()
      assert.equal(seen.requests.length, 5)
    })

    it("stop when the chain ends", async () => {
      const controller = new AbortController()
      const gate = hold()
      const { clock, service, call, events } = world({ gate, signal: controller.signal })
      const requesting = service.request(requestOf(), call())
      await clock.advance(0)
      gate.release()
      await requesting
      const repeating = assert.rejects(events().request(), { reason: "SHUTTING_DOWN" })
      await clock.advance(0)
      controller.abort(new NsmError("SHUTTING_DOWN", "the process is ending"))
      await repeating
      await assert.rejects(events().request(), { reason: "SHUTTING_DOWN" })
    })
  })

  describe("merging", () => {
    /** A chain whose end adds to the context, as endpoints do. */
    function merging() {
      const seen = record()
      const clock = new FakeClock()
      const service = bind(chain("client", begin({ merges: true }), seen), {
        ...grant,
        request: async (request) => ({
          ...connectionOf(request),
          networkServiceEndpointName:
            connectionOf(request).networkServiceEndpointName || "endpoint-1",
          labels: { ...connectionOf(request).labels, granted: "yes" },
        }),
      })
      return { seen, service, call: () => testCall({ clock }) }
    }

    it("keeps what was granted when the caller asks as it first did", async () => {
      const { seen, service, call } = merging()
      const granted = await service.request(requestOf(), call())
      await service.request(requestOf(), call())
      assert.deepEqual(asked(seen.requests[1]?.message), granted)
    })

    it("takes another endpoint and another context from the caller, and no other change", async () => {
      const { seen, service, call } = merging()
      const context = { extraContext: { a: "1" }, MTU: 1400 }
      const granted = await service.request(requestOf({ context }), call())
      const changed = requestOf({
        ...granted,
        networkServiceEndpointName: "endpoint-2",
        labels: { other: "label" },
        context: create(ConnectionContextSchema, { extraContext: { b: "2" }, MTU: 1500 }),
      })
      await service.request(changed, call())
      const second = asked(seen.requests[1]?.message)
      assert.equal(second.networkServiceEndpointName, "endpoint-2")
      assert.deepEqual(second.labels, { granted: "yes" })
      assert.equal(second.context?.MTU, 1500)
      assert.deepEqual(second.context.extraContext, { a: "1", b: "2" })
    })

    it("takes what the caller changed since it asked, even if that was never answered", async () => {
      const { seen, service, call } = merging()
      await service.request(requestOf({ context: { MTU: 1400 } }), call())
      await service.request(requestOf({ context: { MTU: 1500 } }), call())
      await service.request(requestOf({ context: { MTU: 1500 } }), call())
      assert.equal(asked(seen.requests[2]?.message).context?.MTU, 1500)
    })

    it("takes mechanism preferences from the caller", async () => {
      const { seen, service, call } = merging()
      await service.request(requestOf(), call())
      const mechanismPreferences = [{ type: "MEMIF" }] as never
      await service.request({ ...requestOf(), mechanismPreferences }, call())
      assert.equal(seen.requests[1]?.message.mechanismPreferences, mechanismPreferences)
    })

    it("lets a caller ask for a new selection", async () => {
      const { seen, service, call } = merging()
      const granted = await service.request(requestOf({ mechanism: { type: "KERNEL" } }), call())
      const connection = { ...granted, state: State.RESELECT_REQUESTED }
      await service.request({ ...requestOf(), connection }, call())
      assert.equal(seen.closes.length, 1)
      const second = asked(seen.requests[1]?.message)
      assert.equal(second.mechanism, undefined)
      assert.equal(second.networkServiceEndpointName, "")
      assert.equal(second.state, State.RESELECT_REQUESTED)
    })

    it("does not happen in the middle of a path", async () => {
      const { seen, service, call } = world()
      await service.request(requestOf({ labels: { at: "1" } }), call())
      await service.request(requestOf({ labels: { at: "2" } }), call())
      assert.equal(asked(seen.requests[1]?.message).labels["at"], "2")
    })
  })
})
