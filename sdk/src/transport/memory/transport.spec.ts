import assert from "node:assert/strict"
import { create } from "@bufbuild/protobuf"
import { type Connection, ConnectionSchema, Header, NetworkServiceRequestSchema } from "@nsm/api"
import { type Call, type Callee, callee, withCall } from "../../core/call.ts"
import type { NsmError } from "../../core/errors.ts"
import { silentLog } from "../../core/log.ts"
import type { TokenSource } from "../../identity/token.ts"
import { type NetworkService, networkServiceWire } from "../../networkservice/service.ts"
import { grant } from "../../networkservice/tail.ts"
import { FakeClock } from "../../testing/fake-clock.ts"
import { fixedIdentity } from "../../testing/fixed-identity.ts"
import { transportContract } from "../../testing/transport-contract.ts"
import { expose, type Transport } from "../transport.ts"
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
