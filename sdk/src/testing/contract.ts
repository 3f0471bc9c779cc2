import assert from "node:assert/strict"
import { getEventListeners } from "node:events"
import { clone, create, equals } from "@bufbuild/protobuf"
import {
  ConnectionSchema,
  MonitorScopeSelectorSchema,
  type NetworkServiceRequest,
  NetworkServiceRequestSchema,
} from "@nsm/api"
import type { Call } from "../core/call.ts"
import { bind, chain, type Element } from "../core/chain.ts"
import { unlessEnded } from "../core/ended.ts"
import { NsmError } from "../core/errors.ts"
import { established } from "../networkservice/common/begin/established.ts"
import { eventFactory } from "../networkservice/common/begin/event-factory.ts"
import { connectionState } from "../networkservice/common/connection-state.ts"
import { nextUrl } from "../networkservice/common/next-url.ts"
import type { NetworkService } from "../networkservice/service.ts"
import { grant } from "../networkservice/tail.ts"
import { testCall } from "./call.ts"
import { deepFreeze } from "./deep-freeze.ts"
import { FakeClock } from "./fake-clock.ts"
import { requestAtHop } from "./messages.ts"
import { type Recorder, record } from "./probes.ts"

/** What an element is made for and tried in. */
export interface ContractSurroundings {
  readonly clock: FakeClock
  /** What the element calls on. Those that end a chain call it as their next hop. */
  readonly next: NetworkService
}

/** What is particular about an element. */
export interface ElementContractOptions {
  /** A request as it reaches the element. @default one of a client at the second hop */
  request?: () => NetworkServiceRequest
  /** What has to stand in front of it. @default connectionState() */
  before?: () => readonly Element<NetworkService>[]
  /** Adds the values that it needs to a call. @default the call as it is */
  call?: (call: Call) => Call
  /** What the hops behind it answer. @default the connection as it was requested */
  granted?: NetworkService["request"]
  /** Whether it answers watches itself. @default false */
  answersWatches?: boolean
}

/**
 * What every element does, as a mocha suite: it forwards each call once, passes the signal, leaves
 * messages as they are, passes failures on without keeping anything, and leaves nothing open.
 *
 * @example
 * describe("trimPath", () => {
 *   elementContract(() => trimPath())
 * })
 */
export function elementContract(
  make: (surroundings: ContractSurroundings) => Element<NetworkService>,
  {
    request: makeRequest = () => requestAtHop("hop"),
    before = () => [connectionState()],
    call: prepared = (call) => call,
    granted: answer = (request, call) => grant.request(request, call),
    answersWatches = false,
  }: ElementContractOptions = {},
): void {
  describe("as an element", () => {
    let clock: FakeClock
    let controller: AbortController
    let seen: Recorder
    let failure: NsmError | undefined
    let hangs: boolean
    let service: NetworkService

    beforeEach(() => {
      clock = new FakeClock()
      controller = new AbortController()
      seen = record()
      failure = undefined
      hangs = false
      const next = bind(seen, {
        async request(request, call) {
          if (failure) throw failure
          if (hangs) await unlessEnded(call.signal, new Promise<never>(() => {}))
          return frozen(await answer(request, call))
        },
        async close() {
          if (failure) throw failure
        },
        async *monitorConnections() {},
      })
      service = bind(chain("contract", ...before(), make({ clock, next })), next)
    })

    const call = (): Call =>
      prepared(
        testCall({ clock, signal: controller.signal, deadline: clock.now() + 15_000 })
          .with(nextUrl, "memory:next")
          .with(eventFactory, {
            request: () => Promise.reject(new NsmError("CONNECTION_CLOSED", "no events in a test")),
            close: async () => {},
          }),
      )
    const frozen = <T extends object>(message: T): T => deepFreeze(message)
    const request = (): NetworkServiceRequest => frozen(makeRequest())

    it("forwards each call once", async () => {
      const connection = await service.request(request(), call())
      assert.equal(seen.requests.length, 1)
      await service.close(connection, call())
      assert.equal(seen.closes.length, 1)
      assert.equal(seen.requests.length, 1, "a close is no request")
    })

    if (!answersWatches) {
      it("forwards watches", async () => {
        const selector = create(MonitorScopeSelectorSchema)
        for await (const event of service.monitorConnections(selector, call())) {
          assert.fail(`an event of its own: ${event.type}`)
        }
        assert.equal(seen.watches.length, 1)
      })
    }

    it("passes the signal", async () => {
      hangs = true
      const granting = service.request(request(), call())
      await clock.advance(0)
      assert.equal(seen.requests.length, 1, "the request does not arrive")
      controller.abort(new NsmError("CANCELLED", "given up by a test"))
      await assert.rejects(granting, { text: "given up by a test" })
    })

    it("leaves messages as they are", async () => {
      const asked = request()
      const copy = clone(NetworkServiceRequestSchema, asked)
      const connection = frozen(await service.request(asked, call()))
      assert.ok(equals(NetworkServiceRequestSchema, asked, copy))
      const granted = clone(ConnectionSchema, connection)
      await service.close(connection, call())
      assert.ok(equals(ConnectionSchema, connection, granted))
    })

    it("passes the failure of a first request on and keeps nothing", async () => {
      failure = new NsmError("ADDRESSES_EXHAUSTED", "the pool is empty")
      await assert.rejects(service.request(request(), call()), { text: failure.text })
      assert.equal(clock.pending, 0, "timers are left")
      failure = undefined
      await service.request(request(), call())
      const [first, second] = seen.requests
      assert.ok(first && second, "the second request does not arrive")
      const isAlike = equals(NetworkServiceRequestSchema, first.message, second.message)
      assert.ok(isAlike, "the second request is not as the first was; is its chance a fixed one?")
      assert.equal(second.call.get(established), false, "the failed request established something")
    })

    it("passes the failure of a close on", async () => {
      const connection = await service.request(request(), call())
      failure = new NsmError("PEER_UNREACHABLE", "the next hop is gone")
      await assert.rejects(service.close(connection, call()), { text: failure.text })
      assert.equal(clock.pending, 0, "timers are left")
    })

    it("takes a second close", async () => {
      const connection = await service.request(request(), call())
      await service.close(connection, call())
      await service.close(connection, call())
    })

    it("leaves nothing open", async () => {
      const connection = await service.request(request(), call())
      await service.request({ ...request(), connection }, call())
      await service.close(connection, call())
      assert.equal(clock.pending, 0, "timers are left")
      assert.equal(getEventListeners(controller.signal, "abort").length, 0, "listeners are left")
    })
  })
}
