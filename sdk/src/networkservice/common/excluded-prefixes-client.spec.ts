import assert from "node:assert/strict"
import { create, type MessageInitShape } from "@bufbuild/protobuf"
import { type Connection, ConnectionContextSchema, type IPContextSchema } from "@nsm/api"
import { bind, chain, element, type Element } from "../../core/chain.ts"
import { parsePrefix } from "../../tools/prefix.ts"
import { testCall } from "../../testing/call.ts"
import { elementContract } from "../../testing/contract.ts"
import { requestOf } from "../../testing/messages.ts"
import { failOn, hold, record, type Recorder } from "../../testing/probes.ts"
import { connectionOf, ipContextOf, withIpContext } from "../connection.ts"
import { pointToPointIpam } from "../ipam/point-to-point.ts"
import type { NetworkService } from "../service.ts"
import { grant } from "../tail.ts"
import { established } from "./begin/established.ts"
import { connectionState } from "./connection-state.ts"
import {
  excludedPrefixesClient,
  type ExcludedPrefixesClientOptions,
} from "./excluded-prefixes-client.ts"

type Ip = MessageInitShape<typeof IPContextSchema>

/** Endpoints that give connections, by id, fixed addresses. */
function granting(given: Record<string, Ip>): Element<NetworkService> {
  return element("granting", (next) => ({
    async request(request, call) {
      const connection = connectionOf(request)
      const { ipContext } = create(ConnectionContextSchema, {
        ipContext: given[connection.id] ?? {},
      })
      const { excludedPrefixes } = ipContextOf(connection)
      const answer = withIpContext(connection, { ...ipContext, excludedPrefixes })
      return next.request({ ...request, connection: answer }, call)
    },
  }))
}

function made(
  given: Record<string, Ip>,
  {
    options,
    before = [],
  }: { options?: ExcludedPrefixesClientOptions; before?: Element<NetworkService>[] } = {},
) {
  const seen = record()
  const elements = [excludedPrefixesClient(options), seen, ...before, granting(given)]
  const service = bind(chain("test", ...elements), grant)
  const ask = (id: string): Promise<Connection> => service.request(requestOf({ id }), testCall())
  return { service, seen, ask }
}

const excludedIn = ({ requests }: Recorder): string[] | undefined =>
  requests.at(-1)?.message.connection?.context?.ipContext?.excludedPrefixes

describe("excludedPrefixesClient", () => {
  elementContract(() => excludedPrefixesClient())

  it("excludes the addresses and routes of the client's other connections", async () => {
    const { ask, seen } = made({
      a: {
        srcIpAddrs: ["10.0.0.1/32"],
        dstIpAddrs: ["10.0.0.0/32"],
        srcRoutes: [{ prefix: "10.0.0.0/32" }, { prefix: "192.0.2.0/24" }],
        dstRoutes: [{ prefix: "10.0.0.1/32" }],
      },
    })
    await ask("a")
    assert.deepEqual(excludedIn(seen), [])
    await ask("b")
    assert.deepEqual(excludedIn(seen), ["10.0.0.1/32", "10.0.0.0/32", "192.0.2.0/24"])
  })

  it("does not exclude everything because of a default route", async () => {
    const { ask, seen } = made({
      a: { srcRoutes: [{ prefix: "0.0.0.0/0" }, { prefix: "::/0" }, { prefix: "10.0.0.0/8" }] },
    })
    await ask("a")
    await ask("b")
    assert.deepEqual(excludedIn(seen), ["10.0.0.0/8"])
  })

  it("does not exclude what the connection itself has", async () => {
    const { service, ask, seen } = made({ a: { srcIpAddrs: ["10.0.0.1/32"] } })
    const connection = await ask("a")
    const { $typeName } = requestOf()
    const excluding = withIpContext(connection, { excludedPrefixes: ["10.0.0.1/32", "fd00::/8"] })
    await service.request(
      { $typeName, connection: excluding, mechanismPreferences: [] },
      testCall().with(established, true),
    )
    assert.deepEqual(excludedIn(seen), ["fd00::/8"])
  })

  it("forgets a connection that is closed, or was never granted", async () => {
    const { service, ask, seen } = made(
      { a: { srcIpAddrs: ["10.0.0.1/32"] }, b: { srcIpAddrs: ["10.0.0.2/32"] } },
      { before: [failOn({ request: 2 })] },
    )
    const granted = await ask("a")
    await assert.rejects(ask("b"))
    await service.close(granted, testCall())
    await ask("c")
    assert.deepEqual(excludedIn(seen), [])
  })

  it("lets connections overlap that know of each other", async () => {
    const { ask, seen } = made(
      { a: { srcIpAddrs: ["10.0.0.1/32"] }, b: { srcIpAddrs: ["10.0.0.1/32"] } },
      { options: { areAware: (one, other) => one.id !== "c" && other.id !== "c" } },
    )
    await ask("a")
    await ask("b")
    assert.deepEqual(excludedIn(seen), [])
    await ask("c")
    assert.deepEqual(excludedIn(seen), ["10.0.0.1/32"])
  })

  it("gives a connection back whose address is excluded, and says why", async () => {
    const { ask, seen } = made({
      a: { srcIpAddrs: ["10.0.0.1/32"] },
      b: { dstIpAddrs: ["10.0.0.1/24"] },
    })
    await ask("a")
    await assert.rejects(ask("b"), {
      reason: "ADDRESS_EXCLUDED",
      text: "network service service-1 granted 10.0.0.1/24, which the client excludes or already uses",
    })
    assert.deepEqual(
      seen.closes.map(({ message }) => message.id),
      ["b"],
    )
    assert.equal(seen.requests.length, 2, "asking again would not help")
  })

  it("does not close an established connection for it", async () => {
    const { service, ask, seen } = made({
      a: { srcIpAddrs: ["10.0.0.1/32"] },
      b: { srcIpAddrs: ["10.0.0.1/32"] },
    })
    await ask("a")
    const refresh = service.request(requestOf({ id: "b" }), testCall().with(established, true))
    await assert.rejects(refresh, { reason: "ADDRESS_EXCLUDED" })
    assert.equal(seen.closes.length, 0)
  })

  it("takes an address within a larger excluded prefix, as the manager may know better", async () => {
    const { ask } = made({
      a: { srcRoutes: [{ prefix: "10.0.0.0/8" }] },
      b: { srcIpAddrs: ["10.0.0.1/32"] },
    })
    await ask("a")
    assert.deepEqual(ipContextOf(await ask("b")).srcIpAddrs, ["10.0.0.1/32"])
  })

  it("asks again where an address was granted to another connection meanwhile", async () => {
    const prefix = parsePrefix("10.0.0.0/24") ?? assert.fail()
    const gate = hold()
    const endpoints = ["a", "b"].map((id) => {
      const ipam = chain("endpoint", connectionState(), pointToPointIpam({ prefixes: [prefix] }))
      return [id, bind(ipam, grant)] as const
    })
    const routing = element<NetworkService>("routing", () => ({
      async request(request, call) {
        return (
          new Map(endpoints).get(connectionOf(request).id)?.request(request, call) ?? assert.fail()
        )
      },
      async close(connection, call) {
        await new Map(endpoints).get(connection.id)?.close(connection, call)
      },
    }))
    const service = bind(chain("test", excludedPrefixesClient(), gate, routing), grant)
    const both = Promise.all(["a", "b"].map((id) => service.request(requestOf({ id }), testCall())))
    assert.equal(gate.waiting, 2)
    gate.open()
    const addresses = (await both).flatMap((granted) => {
      const { srcIpAddrs, dstIpAddrs } = ipContextOf(granted)
      return [...srcIpAddrs, ...dstIpAddrs]
    })
    assert.equal(new Set(addresses).size, 4, `${addresses.join(" ")} overlap`)
  })
})
