import assert from "node:assert/strict"
import { create } from "@bufbuild/protobuf"
import { type Connection, NetworkServiceEndpointSchema, PathSchema, State } from "@nsm/api"
import { bind, chain, element } from "../../core/chain.ts"
import { causes, NsmError } from "../../core/errors.ts"
import type { Registries } from "../../registry/service.ts"
import { testCall } from "../../testing/call.ts"
import { elementContract } from "../../testing/contract.ts"
import { FakeClock } from "../../testing/fake-clock.ts"
import { requestAtHop } from "../../testing/messages.ts"
import { record } from "../../testing/probes.ts"
import { registriesWith } from "../../testing/registries.ts"
import { connectionOf, withConnection } from "../connection.ts"
import type { NetworkService } from "../service.ts"
import { grant } from "../tail.ts"
import { connectionState } from "./connection-state.ts"
import { discoverForwarder } from "./discover-forwarder.ts"
import { nextUrl } from "./next-url.ts"

const publicUrl = "tcp://10.0.0.1:5001"

const forwarderOf = (name: string, labels: Record<string, string> = { p2p: "true" }) => ({
  name,
  url: publicUrl,
  networkServiceNames: ["forwarder"],
  networkServiceLabels: { forwarder: { labels } },
})

const services = [{ name: "service-1" }, { name: "matched", matches: [{}] }]

/** A manager's chain in front of forwarders, of which some fail. */
async function made(
  endpoints: readonly ReturnType<typeof forwarderOf>[],
  failing: Record<string, NsmError> = {},
) {
  const registries = await registriesWith({ services, endpoints })
  const named = withOwnUrls(registries)
  const seen = record()
  const behind = element<NetworkService>("behind", (next) => ({
    async request(request, call) {
      const failure = failing[call.get(nextUrl) ?? ""]
      if (failure) throw failure
      return next.request(request, call)
    },
  }))
  const found = discoverForwarder({ registries: named, publicUrl })
  const service = bind(chain("test", connectionState(), found, seen, behind), grant)
  const urls = () => seen.requests.map(({ call }) => call.get(nextUrl))
  return { registries, failing, service, urls }
}

/** As the manager does for its own node: forwarders answer under URLs of their own. */
function withOwnUrls({ services: kept, endpoints }: Registries): Registries {
  return {
    services: kept,
    endpoints: {
      ...endpoints,
      async *find(query, call) {
        for await (const answer of endpoints.find(query, call)) {
          const { networkServiceEndpoint: entry } = answer
          yield {
            ...answer,
            ...(entry && { networkServiceEndpoint: { ...entry, url: `unix:${entry.name}` } }),
          }
        }
      },
    },
  }
}

const request = (changes: Partial<Connection> = {}) =>
  withConnection(requestAtHop("manager"), changes)

const again = (connection: Connection) => ({ ...request(), connection })

describe("discoverForwarder", () => {
  let registries: Registries
  before(async () => {
    registries = await registriesWith({ services, endpoints: [forwarderOf("f1")] })
  })
  elementContract(() => discoverForwarder({ registries, publicUrl }), { request })

  it("sends the request to a forwarder of this node", async () => {
    const elsewhere = { ...forwarderOf("far"), url: "tcp://10.0.0.2:5001" }
    const { service, urls } = await made([elsewhere, forwarderOf("near")])
    await service.request(request(), testCall())
    assert.deepEqual(urls(), ["unix:near"])
  })

  it("leaves the endpoint to the forwarder", async () => {
    const { service } = await made([forwarderOf("f1")])
    const granted = await service.request(request(), testCall())
    assert.equal(granted.networkServiceEndpointName, "")
  })

  it("takes a forwarder that suits the match rules", async () => {
    const { service, urls } = await made([forwarderOf("odd", { p2p: "false" }), forwarderOf("f1")])
    await service.request(request({ networkService: "matched" }), testCall())
    assert.deepEqual(urls(), ["unix:f1"])
  })

  it("goes on to the others where one fails, and stays with the one that granted", async () => {
    const { service, urls, failing } = await made([forwarderOf("f1"), forwarderOf("f2")], {
      "unix:f1": new NsmError("PEER_UNREACHABLE", "gone"),
    })
    const granted = await service.request(request(), testCall())
    delete failing["unix:f1"]
    await service.request(again(granted), testCall())
    assert.deepEqual(urls(), ["unix:f1", "unix:f2", "unix:f2"])
  })

  it("stays with its forwarder when a hop behind that fails, until it is to be selected anew", async () => {
    const { service, urls, failing } = await made([forwarderOf("f1"), forwarderOf("f2")])
    const granted = await service.request(request(), testCall())
    const failure = new NsmError("PEER_UNREACHABLE", "endpoint nse does not answer", { hop: "f1" })
    failing["unix:f1"] = failure
    await assert.rejects(service.request(again(granted), testCall()), failure)
    const reselect = again({ ...granted, state: State.RESELECT_REQUESTED })
    await service.request(reselect, testCall())
    assert.deepEqual(urls(), ["unix:f1", "unix:f1", "unix:f1", "unix:f2"])
  })

  it("goes on to another forwarder when the one that has the connection does not answer", async () => {
    const { service, urls, failing } = await made([forwarderOf("f1"), forwarderOf("f2")])
    const granted = await service.request(request(), testCall())
    failing["unix:f1"] = new NsmError("PEER_UNREACHABLE", "gone")
    await service.request(again(granted), testCall())
    delete failing["unix:f1"]
    await service.request(again(granted), testCall())
    assert.deepEqual(urls(), ["unix:f1", "unix:f1", "unix:f2", "unix:f2"])
  })

  it("begins with the forwarder that the path names, unless it is to be selected anew", async () => {
    const forwarders = ["f1", "f2", "f3"].map((name) => forwarderOf(name))
    const pathSegments = ["client", "manager", "f2"].map((name) => ({ name, id: `${name}-1` }))
    const named = request({ path: create(PathSchema, { index: 1, pathSegments }) })
    const first = await made(forwarders)
    await first.service.request(named, testCall())
    assert.deepEqual(first.urls(), ["unix:f2"])
    const second = await made(forwarders)
    const state = State.RESELECT_REQUESTED
    await second.service.request(again({ ...connectionOf(named), state }), testCall())
    assert.deepEqual(second.urls(), ["unix:f1"])
  })

  it("waits for the forwarder of a refresh that it does not know yet, and then takes another", async () => {
    const { service, registries: kept, urls } = await made([forwarderOf("f1"), forwarderOf("f2")])
    const clock = new FakeClock()
    const granted = await service.request(request(), testCall({ clock }))
    const first = create(NetworkServiceEndpointSchema, forwarderOf("f1"))
    await kept.endpoints.unregister(first, testCall({ clock }))
    await clock.advance(9999)
    await assert.rejects(service.request(again(granted), testCall({ clock })), {
      reason: "FORWARDER_NOT_FOUND",
      text: "forwarder f1 is not available yet",
    })
    await clock.advance(1)
    await service.request(again(granted), testCall({ clock }))
    assert.deepEqual(urls(), ["unix:f1", "unix:f2"])
  })

  it("forgets the forwarder when the connection is closed", async () => {
    const { service, urls, failing } = await made([forwarderOf("f1"), forwarderOf("f2")])
    const granted = await service.request(request(), testCall())
    await service.close(granted, testCall())
    failing["unix:f1"] = new NsmError("PEER_FAILED", "no")
    await service.request(request(), testCall())
    assert.deepEqual(urls(), ["unix:f1", "unix:f1", "unix:f2"])
  })

  it("passes the failure of the only forwarder on as it is", async () => {
    const error = new NsmError("ADDRESSES_EXHAUSTED", "the pool is empty", { hop: "endpoint" })
    const { service } = await made([forwarderOf("f1")], { "unix:f1": error })
    await assert.rejects(service.request(request(), testCall()), error)
  })

  it("tells all failures where every forwarder failed", async () => {
    const { service } = await made([forwarderOf("f1"), forwarderOf("f2")], {
      "unix:f1": new NsmError("PEER_UNREACHABLE", "gone"),
      "unix:f2": new NsmError("ADDRESSES_EXHAUSTED", "full", { hop: "endpoint" }),
    })
    await assert.rejects(service.request(request(), testCall()), (failure) => {
      assert.ok(failure instanceof NsmError)
      assert.equal(failure.reason, "ALL_FORWARDERS_FAILED")
      assert.deepEqual(
        causes(failure).map((cause) => NsmError.from(cause).text),
        ["forwarder f1 does not answer at unix:f1", "full"],
      )
      return true
    })
  })

  const missing: readonly (readonly [
    title: string,
    forwarders: readonly ReturnType<typeof forwarderOf>[],
    service: string,
    reason: string,
    text: string,
  ])[] = [
    [
      "an unknown network service",
      [forwarderOf("f1")],
      "nothing",
      "SERVICE_NOT_FOUND",
      "network service nothing is not registered",
    ],
    [
      "a node without forwarders",
      [],
      "service-1",
      "FORWARDER_NOT_FOUND",
      "no forwarder is registered on this node",
    ],
    [
      "a node without a forwarder that suits",
      [forwarderOf("odd", {})],
      "matched",
      "FORWARDER_NOT_FOUND",
      "none of the 1 forwarders of this node suits network service matched",
    ],
  ]
  for (const [title, forwarders, networkService, reason, text] of missing) {
    it(`rejects ${title}`, async () => {
      const { service } = await made(forwarders)
      const expected = { reason, text, element: "discover-forwarder" }
      await assert.rejects(service.request(request({ networkService }), testCall()), expected)
    })
  }
})
