import assert from "node:assert/strict"
import { create } from "@bufbuild/protobuf"
import {
  HealthCheckResponse_ServingStatus as Status,
  HealthCheckResponseSchema,
  NetworkServiceSchema,
  State,
} from "@nsm/api"
import type { Call } from "../../core/call.ts"
import { bind, chain, element } from "../../core/chain.ts"
import { causes, NsmError, rootCause } from "../../core/errors.ts"
import type { Reason } from "../../core/reasons.ts"
import { testCall } from "../../testing/call.ts"
import { elementContract } from "../../testing/contract.ts"
import { FakeClock } from "../../testing/fake-clock.ts"
import { requestOf } from "../../testing/messages.ts"
import { type Recorder, record } from "../../testing/probes.ts"
import { candidates } from "../common/candidates.ts"
import { nextUrl } from "../common/next-url.ts"
import type { NetworkService } from "../service.ts"
import { grant } from "../tail.ts"
import { EndpointSelection, type SelectionEvent } from "./endpoint-selection.ts"
import { endpoint, question } from "./question.spec.data.ts"
import { applyRules } from "./rules.ts"
import { selectEndpoint } from "./select-endpoint.ts"

const clock = new FakeClock()

/** A call as `discover` leaves it, where these endpoints provide the service. */
const finding = (
  names: readonly string[],
  call: Call = testCall({ clock }),
  name = "service-1",
): Call =>
  call.with(
    candidates,
    applyRules({
      service: create(NetworkServiceSchema, { name }),
      endpoints: names.map((each) => endpoint(each)),
      labels: {},
    }),
  )

/** A selection in front of endpoints of which some fail. */
function made(failing: Record<string, NsmError | undefined> = {}) {
  const seen = record()
  const events: SelectionEvent[] = []
  const selection = new EndpointSelection({ clock, onEvent: (event) => events.push(event) })
  const behind = element<NetworkService>("behind", (next) => ({
    async request(request, call) {
      const failure = failing[request.connection?.networkServiceEndpointName ?? ""]
      if (failure) throw failure
      return next.request(request, call)
    },
  }))
  const service = bind(chain("test", selectEndpoint({ selection }), seen, behind), grant)
  return { seen, service, selection, events, failing }
}

const tried = ({ requests }: Recorder) =>
  requests.map(({ message }) => message.connection?.networkServiceEndpointName)

const answering = async (service: NetworkService, names: readonly string[]): Promise<string> =>
  (await service.request(requestOf(), finding(names))).networkServiceEndpointName

const failed = (reason: Reason, hop?: string) => new NsmError(reason, "no", { hop })

describe("selectEndpoint", () => {
  elementContract(() => selectEndpoint({ selection: new EndpointSelection({ clock }) }), {
    call: (call) => finding(["a"], call).with(nextUrl, undefined),
  })

  it("names the endpoint and its URL", async () => {
    const { seen, service } = made()
    const granted = await service.request(requestOf(), finding(["a"]))
    assert.equal(granted.networkServiceEndpointName, "a")
    assert.equal(seen.requests[0]?.call.get(nextUrl), "tcp://a")
  })

  it("takes turns, per network service", async () => {
    const { service } = made()
    const ask = async (networkService: string) =>
      (await service.request(requestOf(), finding(["a", "b", "c"], undefined, networkService)))
        .networkServiceEndpointName
    const names = [await ask("x"), await ask("x"), await ask("y"), await ask("x"), await ask("x")]
    assert.deepEqual(names, ["a", "b", "a", "c", "a"])
  })

  it("goes on to the other endpoints where one fails", async () => {
    const { seen, service } = made({ a: new NsmError("PEER_UNREACHABLE", "gone") })
    const granted = await service.request(requestOf(), finding(["a", "b"]))
    assert.equal(granted.networkServiceEndpointName, "b")
    assert.deepEqual(tried(seen), ["a", "b"])
  })

  it("passes the failure of the only endpoint on as it is", async () => {
    const error = new NsmError("ADDRESSES_EXHAUSTED", "the pool is empty", { hop: "endpoint" })
    const { service } = made({ a: error })
    await assert.rejects(service.request(requestOf(), finding(["a"])), error)
  })

  it("names the only endpoint where it cannot be reached", async () => {
    const { service } = made({ a: new NsmError("PEER_UNREACHABLE", "nobody listens") })
    await assert.rejects(service.request(requestOf(), finding(["a"])), {
      reason: "PEER_UNREACHABLE",
      text: "endpoint a does not answer at tcp://a",
    })
  })

  it("tells all failures where every endpoint failed", async () => {
    const { service } = made({
      a: new NsmError("PEER_UNREACHABLE", "gone"),
      b: new NsmError("ADDRESSES_EXHAUSTED", "full", { hop: "b" }),
    })
    await assert.rejects(service.request(requestOf(), finding(["a", "b"])), (failure) => {
      assert.ok(failure instanceof NsmError)
      assert.equal(failure.reason, "ALL_CANDIDATES_FAILED")
      assert.equal(
        failure.text,
        "all endpoints of network service service-1 that were tried failed: a, b",
      )
      assert.ok(failure.cause instanceof AggregateError)
      assert.deepEqual(
        causes(failure).map((cause) => NsmError.from(cause).text),
        ["endpoint a does not answer at tcp://a", "full"],
      )
      return true
    })
  })

  it("tries nobody else once the call has ended", async () => {
    const controller = new AbortController()
    const seen = record()
    const ending = element<NetworkService>("ending", () => ({
      async request() {
        controller.abort()
        throw new NsmError("CANCELLED", "given up")
      },
    }))
    const selection = new EndpointSelection({ clock })
    const service = bind(chain("test", selectEndpoint({ selection }), seen, ending), grant)
    const call = finding(["a", "b"], testCall({ signal: controller.signal }))
    await assert.rejects(service.request(requestOf(), call), { text: "given up" })
    assert.deepEqual(tried(seen), ["a"])
  })

  it("lets a request pass that names its endpoint", async () => {
    const { seen, service } = made()
    const call = testCall().with(nextUrl, "tcp://known")
    await service.request(requestOf({ networkServiceEndpointName: "known" }), call)
    assert.deepEqual(tried(seen), ["known"])
  })

  describe("where an endpoint keeps failing", () => {
    it("asks it last, for ten seconds after three failures", async () => {
      const { seen, service, failing, events } = made({ a: failed("PEER_UNREACHABLE") })
      for (let count = 0; count < 6; count++) await answering(service, ["a", "b"])
      assert.equal(events.filter(({ kind }) => kind === "ejected").length, 1)
      seen.requests.length = 0
      delete failing["a"]
      for (let count = 0; count < 4; count++) await answering(service, ["a", "b"])
      assert.deepEqual(tried(seen), ["b", "b", "b", "b"])
      await clock.advance(10_000)
      for (let count = 0; count < 4; count++) await answering(service, ["a", "b"])
      assert.equal(tried(seen).filter((name) => name === "a").length, 2)
    })

    it("asks it still where all others fail, and forgives it when it answers", async () => {
      const { service, failing, selection } = made({ a: failed("PEER_FAILED", "a") })
      for (let count = 0; count < 6; count++) await answering(service, ["a", "b"])
      assert.equal(selection.state.endpoints[0]?.state, "ejected")
      failing["a"] = undefined
      failing["b"] = failed("ADDRESSES_EXHAUSTED", "b")
      assert.equal(await answering(service, ["a", "b"]), "a")
      assert.deepEqual(selection.state.endpoints, [])
    })

    it("blames it neither for the client nor for being full", async () => {
      const { service, selection, failing } = made()
      const reasons = ["INVALID_REQUEST", "PERMISSION_DENIED", "ADDRESSES_EXHAUSTED"] as const
      for (const reason of reasons) {
        failing["a"] = failed(reason, "a")
        for (let count = 0; count < 6; count++) await answering(service, ["a", "b"])
      }
      assert.deepEqual(selection.state.endpoints, [])
    })

    it("still sends there who names it", async () => {
      const { seen, service } = made({ a: failed("PEER_UNREACHABLE") })
      for (let count = 0; count < 6; count++) await answering(service, ["a", "b"])
      seen.requests.length = 0
      const call = testCall({ clock }).with(nextUrl, "tcp://a")
      const request = requestOf({ networkServiceEndpointName: "a" })
      await assert.rejects(service.request(request, call), { reason: "PEER_UNREACHABLE" })
      assert.deepEqual(tried(seen), ["a"])
    })
  })

  describe("where much fails", () => {
    it("tries no further endpoint once the budget is used up, and says what the first said", async () => {
      const full = new NsmError("ADDRESSES_EXHAUSTED", "the pool is empty", { hop: "a" })
      const { service, seen, events } = made({ a: full, b: full, c: full })
      const outcomes: NsmError[] = []
      for (let count = 0; count < 100; count++) {
        outcomes.push(
          NsmError.from(
            await answering(service, ["a", "b", "c"]).catch((thrown: unknown) => thrown),
          ),
        )
      }
      const last = outcomes.at(-1)
      assert.equal(last?.reason, "RETRY_BUDGET_EXHAUSTED")
      assert.equal(last.code, "UNAVAILABLE")
      assert.match(
        last.text,
        /no further endpoints of network service service-1 .*: the pool is empty$/,
      )
      assert.equal(rootCause(last).reason, "ADDRESSES_EXHAUSTED")
      // A hundred that were saved up, and a fifth of a hundred requests.
      assert.equal(seen.requests.length - outcomes.length, 119)
      assert.ok(events.some((event) => event.kind === "retry" && !event.isAllowed))
      await clock.advance(1000)
      await assert.rejects(answering(service, ["a", "b", "c"]), { reason: "ALL_CANDIDATES_FAILED" })
    })
  })

  it("shares among the next level what a level does not serve that is merely full", async () => {
    const full = new NsmError("ADDRESSES_EXHAUSTED", "full", { hop: "a" })
    const { service, events } = made({ a: full })
    const endpoints = [
      endpoint("a"),
      ...["b", "c"].map((name) => endpoint(name, { priority: "1" })),
    ]
    const names: string[] = []
    for (let count = 0; count < 6; count++) {
      const ruled = applyRules(question(endpoints))
      const call = testCall({ clock }).with(candidates, ruled)
      names.push((await service.request(requestOf(), call)).networkServiceEndpointName)
    }
    assert.deepEqual(names, ["b", "c", "b", "c", "b", "c"])
    // It was tried each time, for it may have room again.
    assert.ok(events.every((event) => event.kind !== "chosen" || !event.isSpilled))
  })

  it("says when a request has spilled over to the next level", async () => {
    const { service, events } = made({ a: failed("PEER_UNREACHABLE") })
    const endpoints = [endpoint("a"), endpoint("b", { priority: "1" })]
    for (let count = 0; count < 4; count++) {
      const call = testCall({ clock }).with(candidates, applyRules(question(endpoints)))
      await service.request(requestOf(), call)
    }
    assert.deepEqual(
      events.flatMap((event) => (event.kind === "chosen" ? [event.isSpilled] : [])),
      [false, false, false, true],
    )
  })

  it("requests only once, of whoever wins the race", async () => {
    const seen = record()
    const checked: string[] = []
    const transport = {
      client: (url: string) =>
        ({
          async check() {
            checked.push(url)
            if (url === "tcp://a") await Promise.withResolvers<void>().promise
            return create(HealthCheckResponseSchema, { status: Status.SERVING })
          },
        }) as never,
    }
    const selection = new EndpointSelection({ clock })
    const racing = selectEndpoint({ selection, racing: transport })
    const service = bind(chain("test", racing, seen), grant)
    assert.equal(await answering(service, ["a", "b"]), "b")
    assert.deepEqual(checked, ["tcp://a", "tcp://b"])
    assert.deepEqual(tried(seen), ["b"])
    assert.equal(clock.pending, 0, "timers are left")
  })

  describe("where a connection is to be selected anew", () => {
    const reselecting = (former: string) =>
      requestOf({
        state: State.RESELECT_REQUESTED,
        path: {
          index: 1,
          pathSegments: ["client", "forwarder", former].map((name) => ({ name, id: name })),
        },
      })

    it("asks the endpoint last that it had", async () => {
      const { seen, service, failing } = made()
      for (let count = 0; count < 4; count++) {
        const call = finding(["a", "b", "c"])
        const { networkServiceEndpointName } = await service.request(reselecting("b"), call)
        assert.notEqual(networkServiceEndpointName, "b")
      }
      seen.requests.length = 0
      failing["a"] = failing["c"] = failed("PEER_UNREACHABLE")
      await service.request(reselecting("b"), finding(["a", "b", "c"]))
      assert.equal(tried(seen).at(-1), "b")
      assert.equal(seen.requests.length, 3)
    })

    it("comes back to it where there is no other", async () => {
      const { service } = made()
      const granted = await service.request(reselecting("a"), finding(["a"]))
      assert.equal(granted.networkServiceEndpointName, "a")
    })

    it("takes a path for nothing in any other request", async () => {
      const { service } = made()
      const { connection } = reselecting("a")
      assert.ok(connection)
      const request = requestOf({ ...connection, state: State.UP })
      const granted = await service.request(request, finding(["a", "b"]))
      assert.equal(granted.networkServiceEndpointName, "a")
    })
  })
})
