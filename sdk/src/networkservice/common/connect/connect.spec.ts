import assert from "node:assert/strict"
import { create } from "@bufbuild/protobuf"
import { MonitorScopeSelectorSchema } from "@nsm/api"
import { bind, chain } from "../../../core/chain.ts"
import { testCall } from "../../../testing/call.ts"
import { elementContract } from "../../../testing/contract.ts"
import { requestOf } from "../../../testing/messages.ts"
import { failOn, record } from "../../../testing/probes.ts"
import { grant } from "../../tail.ts"
import { connect } from "./connect.ts"
import { connectionState } from "../connection-state.ts"
import { nextUrl } from "../next-url.ts"

/** A chain that goes on to two hops, a and b. */
function hops(behindA: Parameters<typeof failOn>[0] = {}) {
  const [a, b] = [record(), record()]
  const services = new Map([
    ["memory:a", bind(chain("a", a, failOn(behindA)), grant)],
    ["memory:b", bind(b, grant)],
  ])
  const transport = { client: (url: string) => services.get(url) as never }
  const element = chain("hop", connectionState(), connect({ transport }))
  return { a, b, service: bind(element, grant) }
}

const to = (url: string) => testCall().with(nextUrl, url)

describe("connect", () => {
  elementContract(({ next }) => connect({ transport: { client: () => next as never } }))

  it("answers what the chosen hop answers", async () => {
    const { a, b, service } = hops()
    const granted = await service.request(requestOf({ payload: "IP" }), to("memory:a"))
    assert.equal(granted.payload, "IP")
    assert.equal(a.requests.length, 1)
    assert.equal(b.requests.length, 0)
  })

  it("closes where the connection was when the hop changes", async () => {
    const { a, b, service } = hops()
    const first = await service.request(requestOf(), to("memory:a"))
    await service.request(requestOf(), to("memory:b"))
    assert.deepEqual(
      a.closes.map(({ message }) => message),
      [first],
    )
    assert.equal(b.requests.length, 1)
  })

  it("goes on to the new hop when the old one does not close", async () => {
    const { b, service } = hops({ close: 1 })
    await service.request(requestOf(), to("memory:a"))
    await service.request(requestOf(), to("memory:b"))
    assert.equal(b.requests.length, 1)
  })

  it("closes at the hop where the connection is, whatever was chosen since", async () => {
    const { a, b, service } = hops()
    const granted = await service.request(requestOf(), to("memory:a"))
    await service.close(granted, to("memory:b"))
    assert.equal(a.closes.length, 1)
    assert.equal(b.closes.length, 0)
  })

  it("closes nothing that was not granted", async () => {
    const { a, service } = hops({ request: 1 })
    const { connection } = requestOf()
    assert.ok(connection)
    await assert.rejects(service.request(requestOf(), to("memory:a")))
    await service.close(connection, to("memory:a"))
    assert.equal(a.closes.length, 0)
  })

  it("keeps the connection when its refresh fails", async () => {
    const { a, service } = hops({ request: 2 })
    const granted = await service.request(requestOf(), to("memory:a"))
    await assert.rejects(service.request(requestOf(), to("memory:a")))
    await service.close(granted, to("memory:a"))
    assert.equal(a.closes.length, 1)
  })

  it("keeps its own id and place, whatever the hop answers", async () => {
    const path = { index: 0, pathSegments: [{ name: "client", id: "client-1" }] }
    const answer = requestOf({ id: "hop-1", path: { ...path, index: 1 } }).connection
    assert.ok(answer)
    const hop = { ...grant, request: async () => answer }
    const transport = { client: () => hop as never }
    const element = chain("hop", connectionState(), connect({ transport }))
    const granted = await bind(element, grant).request(requestOf({ path }), to("memory:a"))
    assert.equal(granted.id, "client-1")
    assert.equal(granted.path?.index, 0)
  })

  it("watches at the chosen hop", () => {
    const { b, service } = hops()
    service.monitorConnections(create(MonitorScopeSelectorSchema), to("memory:b"))
    assert.equal(b.watches.length, 1)
  })

  it("says so when nobody chose a hop", async () => {
    const { service } = hops()
    const failure = { reason: "INTERNAL", text: "no element before this one chose the next hop" }
    await assert.rejects(service.request(requestOf(), testCall()), failure)
  })
})
