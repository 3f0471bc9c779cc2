import assert from "node:assert/strict"
import { create } from "@bufbuild/protobuf"
import { NetworkServiceEndpointSchema } from "@nsm/api"
import type { Call } from "../../core/call.ts"
import { bind, chain, element } from "../../core/chain.ts"
import { causes, NsmError } from "../../core/errors.ts"
import { testCall } from "../../testing/call.ts"
import { elementContract } from "../../testing/contract.ts"
import { requestOf } from "../../testing/messages.ts"
import { type Recorder, record } from "../../testing/probes.ts"
import type { NetworkService } from "../service.ts"
import { grant } from "../tail.ts"
import { candidates } from "./candidates.ts"
import { nextUrl } from "./next-url.ts"
import { roundRobin } from "./round-robin.ts"

const endpoint = (name: string) =>
  create(NetworkServiceEndpointSchema, { name, url: `tcp://${name}` })

const finding = (names: readonly string[], call: Call = testCall()): Call =>
  call.with(candidates, names.map(endpoint))

/** A round robin in front of endpoints of which some fail. */
function made(failing: Readonly<Record<string, NsmError>> = {}) {
  const seen = record()
  const behind = element<NetworkService>("behind", (next) => ({
    async request(request, call) {
      const failure = failing[request.connection?.networkServiceEndpointName ?? ""]
      if (failure) throw failure
      return next.request(request, call)
    },
  }))
  return { seen, service: bind(chain("test", roundRobin(), seen, behind), grant) }
}

const tried = ({ requests }: Recorder) =>
  requests.map(({ message }) => message.connection?.networkServiceEndpointName)

describe("roundRobin", () => {
  elementContract(() => roundRobin(), { call: (call) => finding(["a"], call) })

  it("names the endpoint and its URL", async () => {
    const { seen, service } = made()
    const granted = await service.request(requestOf(), finding(["a"]))
    assert.equal(granted.networkServiceEndpointName, "a")
    assert.equal(seen.requests[0]?.call.get(nextUrl), "tcp://a")
  })

  it("takes turns, per network service", async () => {
    const { service } = made()
    const ask = async (networkService: string) =>
      (await service.request(requestOf({ networkService }), finding(["a", "b", "c"])))
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

  it("tries an endpoint once that several routes name, and prefers it", async () => {
    const error = new NsmError("PEER_FAILED", "no")
    const { seen, service } = made({ a: error, b: error })
    await assert.rejects(service.request(requestOf(), finding(["a", "a", "b"])))
    await assert.rejects(service.request(requestOf(), finding(["a", "a", "b"])))
    await assert.rejects(service.request(requestOf(), finding(["a", "a", "b"])))
    assert.deepEqual(tried(seen), ["a", "b", "a", "b", "b", "a"])
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
    const service = bind(chain("test", roundRobin(), seen, ending), grant)
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
})
