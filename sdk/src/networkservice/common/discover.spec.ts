import assert from "node:assert/strict"
import { create, type MessageInitShape } from "@bufbuild/protobuf"
import { timestampFromMs } from "@bufbuild/protobuf/wkt"
import {
  type ConnectionSchema,
  NetworkServiceEndpointResponseSchema,
  NetworkServiceEndpointSchema,
} from "@nsm/api"
import type { Call } from "../../core/call.ts"
import { bind, chain, element } from "../../core/chain.ts"
import { NsmError, rootCause } from "../../core/errors.ts"
import type { Registries } from "../../registry/service.ts"
import { testCall } from "../../testing/call.ts"
import { elementContract } from "../../testing/contract.ts"
import { requestOf } from "../../testing/messages.ts"
import { failOn, record } from "../../testing/probes.ts"
import { type Registered, registriesWith } from "../../testing/registries.ts"
import type { NetworkService } from "../service.ts"
import { grant } from "../tail.ts"
import { candidates } from "./candidates.ts"
import { discover } from "./discover.ts"
import { nextUrl } from "./next-url.ts"

const provided = (name: string, labels: Record<string, string> = {}) => ({
  name,
  url: `tcp://${name}`,
  networkServiceNames: ["web"],
  networkServiceLabels: { web: { labels } },
})

const web: Registered = {
  services: [{ name: "web", payload: "ETHERNET" }],
  endpoints: [
    provided("web-1"),
    provided("web-2"),
    { ...provided("db-1"), networkServiceNames: ["db"] },
  ],
}

/** What reaches the element after, for a request about a connection. */
async function found(
  registered: Promise<Registries>,
  connection: MessageInitShape<typeof ConnectionSchema>,
  call = testCall(),
) {
  const registries = await registered
  const seen = record()
  const service = bind(chain("test", discover({ registries }), seen), grant)
  await service.request(requestOf(connection), call)
  const [request] = seen.requests
  assert.ok(request)
  return {
    names: (request.call.get(candidates)?.allowed ?? []).map(({ endpoint }) => endpoint.name),
    url: request.call.get(nextUrl),
    payload: request.message.connection?.payload,
  }
}

describe("discover", () => {
  let registries: Registries
  before(async () => {
    registries = await registriesWith(web)
  })

  elementContract(() => discover({ registries }), {
    request: () => requestOf({ networkService: "web" }),
  })

  it("finds the endpoints of a network service and learns its payload", async () => {
    const { names, url, payload } = await found(registriesWith(web), { networkService: "web" })
    assert.deepEqual(names.toSorted(), ["web-1", "web-2"])
    assert.equal(url, undefined)
    assert.equal(payload, "ETHERNET")
  })

  it("finds those that the match rules allow", async () => {
    const matches = [{ routes: [{ destinationSelector: { nodeName: "{{.nodeName}}" } }] }]
    const registered = {
      services: [{ name: "web", matches }],
      endpoints: [provided("far", { nodeName: "n2" }), provided("near", { nodeName: "n1" })],
    }
    const near = await found(registriesWith(registered), {
      networkService: "web",
      labels: { nodeName: "n1" },
    })
    assert.deepEqual(near.names, ["near"])
    await assert.rejects(
      found(registriesWith(registered), { networkService: "web", labels: { nodeName: "n3" } }),
      {
        reason: "ENDPOINT_NOT_FOUND",
        text: "none of the 2 endpoints of network service web matches a client with labels nodeName=n3",
      },
    )
  })

  it("finds the URL of the endpoint that is named", async () => {
    const { names, url } = await found(registriesWith(web), { networkServiceEndpointName: "web-2" })
    assert.deepEqual([names, url], [[], "tcp://web-2"])
  })

  it("learns the payload for an endpoint that is named, where the service says so", async () => {
    const networkServiceEndpointName = "web-2"
    const asked = { networkServiceEndpointName, networkService: "web" }
    assert.equal((await found(registriesWith(web), asked)).payload, "ETHERNET")
    const known = await found(registriesWith(web), { ...asked, payload: "IP" })
    assert.equal(known.payload, "IP")
    const unknown = await found(registriesWith(web), { ...asked, networkService: "other" })
    assert.equal(unknown.payload, "")
  })

  it("asks for nothing where the next hop is known", async () => {
    const { url } = await found(registriesWith({}), {}, testCall().with(nextUrl, "tcp://known"))
    assert.equal(url, "tcp://known")
  })

  it("rejects a network service that is not registered", async () => {
    await assert.rejects(found(registriesWith(web), { networkService: "we" }), {
      reason: "SERVICE_NOT_FOUND",
      text: "network service we is not registered",
      element: "discover",
    })
    await assert.rejects(found(registriesWith(web), { networkService: "web", payload: "IP" }), {
      reason: "SERVICE_NOT_FOUND",
      text: "network service web with payload IP is not registered",
    })
  })

  it("rejects a network service that nobody provides", async () => {
    const registered = { services: [{ name: "web" }] }
    await assert.rejects(found(registriesWith(registered), { networkService: "web" }), {
      reason: "ENDPOINT_NOT_FOUND",
      text: "no endpoint provides network service web",
    })
  })

  it("rejects a named endpoint that is gone, naming it", async () => {
    await assert.rejects(found(registriesWith(web), { networkServiceEndpointName: "web" }), {
      reason: "ENDPOINT_NOT_FOUND",
      text: "endpoint web is not registered, or no longer",
    })
  })

  it("passes over endpoints that have expired or are reported gone", async () => {
    const call = testCall()
    const at = (ms: number) => ({ expirationTime: timestampFromMs(call.clock.now() + ms) })
    const registered = {
      services: [{ name: "web" }],
      endpoints: [
        { ...provided("old"), ...at(-1) },
        { ...provided("new"), ...at(1) },
      ],
    }
    const reporting = await registriesWith(registered)
    const { endpoints } = reporting
    const find: typeof endpoints.find = async function* (query, asked) {
      yield* endpoints.find(query, asked)
      const networkServiceEndpoint = create(NetworkServiceEndpointSchema, provided("gone"))
      yield create(NetworkServiceEndpointResponseSchema, { networkServiceEndpoint, deleted: true })
    }
    const reported = { ...reporting, endpoints: { ...endpoints, find } }
    assert.deepEqual(
      (await found(Promise.resolve(reported), { networkService: "web" }, call)).names,
      ["new"],
    )
  })

  it("reads what the registry answers to the end", async () => {
    let ends = 0
    const find = <Query, T>(inner: (query: Query, call: Call) => AsyncIterable<T>) =>
      async function* (query: Query, call: Call): AsyncIterable<T> {
        yield* inner(query, call)
        ends += 1
      }
    const { services, endpoints } = await registriesWith(web)
    const counted: Registries = {
      services: { ...services, find: find((query, call) => services.find(query, call)) },
      endpoints: { ...endpoints, find: find((query, call) => endpoints.find(query, call)) },
    }
    await found(Promise.resolve(counted), { networkService: "web" })
    assert.equal(ends, 2)
  })

  it("passes a failure of the registry on", async () => {
    const error = new NsmError("PEER_UNREACHABLE", "no registry", { hop: "manager" })
    const failing = element<Registries["services"]>("failing", () => ({
      find() {
        throw error
      },
    }))
    const { services, endpoints } = await registriesWith(web)
    const broken = { services: bind(failing, services), endpoints }
    await assert.rejects(found(Promise.resolve(broken), { networkService: "web" }), error)
  })

  it("says which endpoint it is that cannot be reached", async () => {
    const error = new NsmError("PEER_UNREACHABLE", "tcp://web-1: nobody listens")
    const service = bind(
      chain(
        "test",
        discover({ registries: await registriesWith(web) }),
        failOn({ request: 1, error }),
      ),
      grant,
    )
    const request = requestOf({ networkServiceEndpointName: "web-1" })
    await assert.rejects(service.request(request, testCall()), (failure) => {
      assert.ok(failure instanceof NsmError)
      assert.equal(failure.reason, "PEER_UNREACHABLE")
      assert.equal(failure.text, "endpoint web-1 does not answer at tcp://web-1")
      assert.equal(rootCause(failure).text, error.text)
      return true
    })
  })

  it("leaves what a further hop says about its next hop as it is", async () => {
    const error = new NsmError("PEER_UNREACHABLE", "forwarder f does not answer", {
      hop: "manager",
    })
    const service: NetworkService = bind(
      chain(
        "test",
        discover({ registries: await registriesWith(web) }),
        failOn({ request: 1, error }),
      ),
      grant,
    )
    const request = requestOf({ networkServiceEndpointName: "web-1" })
    await assert.rejects(service.request(request, testCall()), error)
  })
})
