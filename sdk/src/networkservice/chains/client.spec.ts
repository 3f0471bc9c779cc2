import assert from "node:assert/strict"
import { bind, chain, element, outline } from "../../core/chain.ts"
import { NsmError } from "../../core/errors.ts"
import { seededRandom } from "../../core/random.ts"
import { unsignedTokens } from "../../identity/token.ts"
import type { Policies } from "../../policy/policies.ts"
import { testCall } from "../../testing/call.ts"
import { FakeClock } from "../../testing/fake-clock.ts"
import { requestOf } from "../../testing/messages.ts"
import { record } from "../../testing/probes.ts"
import { expose } from "../../transport/transport.ts"
import { MemoryNetwork } from "../../transport/memory/network.ts"
import { memoryTransport } from "../../transport/memory/transport.ts"
import { type NetworkService, networkServiceWire } from "../service.ts"
import { grant } from "../tail.ts"
import { client, type ClientOptions } from "./client.ts"
import { endpoint } from "./endpoint.ts"

const url = "tcp://10.0.0.1:5001"

/** A client, and an endpoint that it calls over the in-memory network. */
async function pair(options: Pick<ClientOptions, "policies" | "healing"> = {}) {
  const clock = new FakeClock()
  const network = new MemoryNetwork()
  const tokens = unsignedTokens({ clock, lifetimeMs: 600_000 })
  const clientLife = new AbortController()
  const seen = record()
  const watches = openWatches()
  const here = memoryTransport({ name: "client", clock, network, tokens })
  const there = memoryTransport({ name: "endpoint", clock, network })
  const random = seededRandom(1)
  const hop = endpoint({ name: "endpoint", tokens, random }, seen)
  const serving = bind(chain("serving", watches.element, hop), grant)
  await there.listen(url, [expose(networkServiceWire, serving)])
  const service = bind(
    client({
      name: "client",
      connectTo: url,
      transport: here,
      random,
      signal: clientLife.signal,
      ...options,
    }),
    grant,
  )
  return { clock, seen, watches, service, clientLife }
}

/** Counts the watches that are open. */
function openWatches() {
  const watches = {
    count: 0,
    element: element<NetworkService>("open-watches", (next) => ({
      async *monitorConnections(selector, call) {
        watches.count += 1
        try {
          yield* next.monitorConnections(selector, call)
        } finally {
          watches.count -= 1
        }
      },
    })),
  }
  return watches
}

describe("client", () => {
  it("is what keeps a connection, with its own elements before the call is made", () => {
    const own = element<NetworkService>("own", () => ({}))
    const made = client(
      {
        name: "client",
        connectTo: url,
        transport: memoryTransport({ name: "client" }),
        random: seededRandom(1),
      },
      own,
    )
    const names = ["update-path", "begin", "connection-state", "refresh", "connect-to", "own"]
    const lines = ["client", ...[...names, "connect"].map((name) => `  ${name}`)]
    assert.equal(outline(made), lines.join("\n"))
  })

  it("keeps a connection for as long as nobody closes it", async () => {
    const { clock, seen, service } = await pair()
    const granted = await service.request(requestOf(), testCall({ clock }))
    await clock.advance(3_600_000)
    assert.equal(seen.closes.length, 0)
    assert.ok(seen.requests.length >= 30 && seen.requests.length <= 35, `${seen.requests.length}`)
    await service.close(granted, testCall({ clock }))
    assert.equal(seen.closes.length, 1)
    assert.equal(clock.pending, 0)
  })

  it("keeps nothing of a connection that it may not close, and lets it expire", async () => {
    let isDenied = false
    const answers: Policies = {
      check: async () => {
        if (isDenied) throw new NsmError("PERMISSION_DENIED", "the path has ended")
      },
    }
    const { clock, seen, watches, service } = await pair({ policies: { answers }, healing: {} })
    const granted = await service.request(requestOf(), testCall({ clock }))
    await clock.advance(0)
    assert.equal(watches.count, 1)
    isDenied = true
    const closing = service.close(granted, testCall({ clock }))
    await assert.rejects(closing, { reason: "PERMISSION_DENIED" })
    await clock.advance(0)
    assert.equal(watches.count, 0)
    await clock.advance(600_000)
    assert.equal(seen.closes.length, 1)
    assert.equal(clock.pending, 0)
  })

  it("lets its connections expire at the endpoint when it ends", async () => {
    const { clock, seen, service, clientLife } = await pair()
    await service.request(requestOf(), testCall({ clock }))
    clientLife.abort()
    await clock.advance(600_000)
    assert.equal(seen.closes.length, 1)
    assert.equal(clock.pending, 0)
  })
})
