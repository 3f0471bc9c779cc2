import assert from "node:assert/strict"
import { create } from "@bufbuild/protobuf"
import {
  type Connection,
  ConnectionEventSchema,
  ConnectionSchema,
  Header,
  MonitorScopeSelectorSchema,
  NetworkServiceRequestSchema,
} from "@nsm/api"
import { type Call, type Callee, callee, withCall } from "../../core/call.ts"
import { sleep } from "../../core/clock.ts"
import { ended } from "../../core/ended.ts"
import { NsmError } from "../../core/errors.ts"
import { silentLog } from "../../core/log.ts"
import type { TokenSource } from "../../identity/token.ts"
import { type NetworkService, networkServiceWire } from "../../networkservice/service.ts"
import { grant } from "../../networkservice/tail.ts"
import { FakeClock } from "../../testing/fake-clock.ts"
import { fixedIdentity } from "../../testing/fixed-identity.ts"
import { transportContract } from "../../testing/transport-contract.ts"
import { expose, type Transport } from "../transport.ts"
import type { Faults, Passage } from "./faults.ts"
import { MemoryNetwork } from "./network.ts"
import { memoryTransport } from "./transport.ts"

transportContract("memory on virtual time", async () => {
  const clock = new FakeClock()
  const network = new MemoryNetwork()
  const transports: Transport[] = []
  let count = 0
  return {
    clock,
    url: () => `memory://place-${count++}`,
    transport(name) {
      const transport = memoryTransport({ name, network, clock, shutdownTimeoutMs: 200 })
      transports.push(transport)
      return transport
    },
    pass: (ms) => clock.advance(ms),
    async [Symbol.asyncDispose]() {
      const gone = Promise.all(transports.map((transport) => transport[Symbol.asyncDispose]()))
      await clock.advance(200)
      await gone
    },
  }
})

describe("MemoryNetwork", () => {
  it("ends calls to a killed process without a word, and lets another take its place", async () => {
    const clock = new FakeClock()
    const network = new MemoryNetwork()
    const url = "memory://server"
    const begun = Promise.withResolvers<Call>()
    const hanging: NetworkService = {
      ...grant,
      request(_, call) {
        begun.resolve(call)
        return new Promise(() => {})
      },
    }
    const listen = (service: NetworkService): Promise<unknown> =>
      memoryTransport({ name: "server", network, clock }).listen(url, [
        expose(networkServiceWire, service),
      ])
    await listen(hanging)
    const client = memoryTransport({ name: "client", network, clock })
    const request = create(NetworkServiceRequestSchema, { connection: { id: "c1" } })
    const ask = (): Promise<Connection> =>
      withCall({ clock, log: silentLog }, (call) =>
        client.client(url, networkServiceWire).request(request, call),
      )
    const asked = ask()
    const served = await begun.promise
    network.kill(url)
    await assert.rejects(asked, (error: NsmError) => error.reason === "PEER_UNREACHABLE")
    assert.ok(served.signal.aborted)
    await assert.rejects(ask(), (error: NsmError) => error.reason === "PEER_UNREACHABLE")
    await listen(grant)
    assert.equal((await ask()).id, "c1")
  })

  it("says on both sides who the other is, and sends tokens made for it", async () => {
    const clock = new FakeClock()
    const network = new MemoryNetwork()
    const url = "memory://nsmgr"
    const [nsc, nsmgr] = await Promise.all([
      fixedIdentity({ id: "spiffe://nsm.test/nsc", clock }),
      fixedIdentity({ id: "spiffe://nsm.test/nsmgr", clock }),
    ])
    let served: Call | undefined
    const service: NetworkService = { ...grant, close: async (_, call) => void (served = call) }
    await memoryTransport({ name: "nsmgr", network, clock, identity: nsmgr }).listen(url, [
      expose(networkServiceWire, service),
    ])
    const tokens: TokenSource = { token: (to) => ({ token: `for ${to?.id}`, expiresAt: 0 }) }
    const here = memoryTransport({ name: "nsc", network, clock, identity: nsc, tokens })
    const holder: Callee = {}
    await withCall({ clock, log: silentLog }, (call) =>
      here
        .client(url, networkServiceWire)
        .close(create(ConnectionSchema), call.with(callee, holder)),
    )
    const [own, other] = [nsc, nsmgr].map(({ current }) => current.svid)
    assert.deepEqual(served?.peer, {
      ...{ address: "nsc", id: own?.id, certificate: own?.certificates[0] },
    })
    assert.deepEqual(holder.peer, {
      ...{ address: url, id: other?.id, certificate: other?.certificates[0] },
    })
    assert.deepEqual(Object.fromEntries(served?.metadata ?? []), {
      [Header.clientToken]: "for spiffe://nsm.test/nsmgr",
      [Header.clientTokenExpires]: "1970-01-01T00:00:00.000Z",
    })
  })

  it("gives a free port for port 0", async () => {
    const transport = memoryTransport({ name: "server", clock: new FakeClock() })
    const first = await transport.listen("tcp://127.0.0.1:0", [])
    const second = await transport.listen("tcp://127.0.0.1:0", [])
    assert.match(first.url, /^tcp:\/\/127\.0\.0\.1:[1-9]\d*$/)
    assert.notEqual(first.url, second.url)
  })
})

describe("faults of the in-memory network", () => {
  const url = "memory://server"
  let clock: FakeClock
  let served: string[]
  let service: NetworkService
  let passage: Passage | undefined
  let client: NetworkService

  beforeEach(async () => {
    clock = new FakeClock()
    served = []
    passage = undefined
    const network = new MemoryNetwork()
    service = {
      ...grant,
      request: (request, call) => (
        served.push(`${request.connection?.id} at ${clock.now()}`),
        grant.request(request, call)
      ),
      async *monitorConnections(_, call) {
        yield create(ConnectionEventSchema)
        await ended(call.signal)
        served.push("watch ended")
      },
    }
    await memoryTransport({ name: "server", network, clock }).listen(url, [
      expose(networkServiceWire, service),
    ])
    const faults: Faults = () => passage
    const transport = memoryTransport({ name: "client", network, clock, faults })
    client = transport.client(url, networkServiceWire)
  })

  const ask = (id: string, timeoutMs = 1000): Promise<Connection> =>
    withCall({ clock, log: silentLog, timeoutMs }, (call) =>
      client.request(create(NetworkServiceRequestSchema, { connection: { id } }), call),
    )
  const start = new FakeClock().now()

  it("hold messages up both ways", async () => {
    passage = { carry: (to, signal) => sleep(clock, to === "server" ? 100 : 50, signal) }
    const asked = ask("c1")
    await clock.advance(149)
    assert.deepEqual(served, [`c1 at ${start + 100}`])
    await clock.advance(1)
    assert.equal((await asked).id, "c1")
    assert.equal(clock.pending, 0)
  })

  it("let the caller's time pass when a request or its answer is lost", async () => {
    for (const lost of ["server", "client"] as const) {
      passage = { carry: (to) => (to === lost ? new Promise(() => {}) : Promise.resolve()) }
      const asked = assert.rejects(ask(`lost to the ${lost}`), { reason: "DEADLINE_EXCEEDED" })
      await clock.advance(1000)
      await asked
    }
    assert.deepEqual(served, [`lost to the client at ${start + 1000}`])
    assert.equal(clock.pending, 0)
  })

  it("deliver a request twice, and answer it once, whether its caller waits or not", async () => {
    // the copy's, the first one's, and its answer's
    const delays = [100, 10, 0].toReversed()
    passage = { copies: 2, carry: (_, signal) => sleep(clock, delays.pop() ?? 0, signal) }
    const asked = ask("c1")
    await clock.advance(10)
    await asked
    assert.equal(served.length, 1)
    await clock.advance(90)
    assert.deepEqual(served, [`c1 at ${start + 10}`, `c1 at ${start + 100}`])
    assert.equal(clock.pending, 0)
  })

  it("break a stream for both of its sides", async () => {
    const breaking = new AbortController()
    passage = { carry: async () => {}, broken: breaking.signal }
    await withCall({ clock, log: silentLog }, async (call) => {
      const events = client.monitorConnections(create(MonitorScopeSelectorSchema), call)
      const reader = events[Symbol.asyncIterator]()
      await reader.next()
      const next = reader.next()
      breaking.abort(new NsmError("PEER_UNREACHABLE", "the cable was cut"))
      await assert.rejects(next, { reason: "PEER_UNREACHABLE" })
    })
    await clock.advance(0)
    assert.deepEqual(served, ["watch ended"])
  })
})
