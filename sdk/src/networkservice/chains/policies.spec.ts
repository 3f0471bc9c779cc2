import assert from "node:assert/strict"
import { create } from "@bufbuild/protobuf"
import {
  type Connection,
  ConnectionEventType,
  MonitorScopeSelectorSchema,
  NetworkServiceRequestSchema,
  State,
} from "@nsm/api"
import { withCall } from "../../core/call.ts"
import { bind, type Element } from "../../core/chain.ts"
import { NsmError } from "../../core/errors.ts"
import { silentLog } from "../../core/log.ts"
import { seededRandom } from "../../core/random.ts"
import { decodeToken } from "../../identity/decode-token.ts"
import { signedTokens } from "../../identity/signed-tokens.ts"
import { verifiedTokens } from "../../identity/verified-tokens.ts"
import { builtInPolicies } from "../../policy/built-in/built-in.ts"
import { type Policies, policies, type PolicyPoint } from "../../policy/policies.ts"
import { wirelessForwarder } from "../../testing/domain/forwarder.ts"
import { FakeClock } from "../../testing/fake-clock.ts"
import { fixedIdentity } from "../../testing/fixed-identity.ts"
import { record, type Recorder } from "../../testing/probes.ts"
import { registriesWith } from "../../testing/registries.ts"
import { MemoryNetwork } from "../../transport/memory/network.ts"
import { memoryTransport } from "../../transport/memory/transport.ts"
import { expose } from "../../transport/transport.ts"
import { kernelEndpoint } from "../mechanisms/kernel.ts"
import { mechanisms } from "../mechanisms/mechanisms.ts"
import { kernelPreference } from "../mechanisms/kernel.ts"
import { type NetworkService, networkServiceWire } from "../service.ts"
import { grant } from "../tail.ts"
import { client } from "./client.ts"
import { endpoint } from "./endpoint.ts"
import { nsmgr } from "./nsmgr.ts"

const idOf = (name: string): string => `spiffe://nsm.local/${name}`

/** Client, manager, forwarder and endpoint, all with the policies that are the default. */
describe("a path through four hops with policies", () => {
  let clock: FakeClock
  let network: MemoryNetwork
  let ending: AbortController
  let decisions: string[]
  let atEndpoint: Recorder
  let service: NetworkService

  beforeEach(async () => {
    clock = new FakeClock()
    network = new MemoryNetwork()
    ending = new AbortController()
    decisions = []
    atEndpoint = record()
    const publicUrl = "tcp://node:5001"
    const registries = await registriesWith({
      services: [{ name: "echo", payload: "ETHERNET" }],
      endpoints: [
        { name: "forwarder", url: publicUrl, networkServiceNames: ["forwarder"] },
        { name: "nse", url: "unix:///nse.sock", networkServiceNames: ["echo"] },
      ],
    })
    const served = async (name: string, make: (hop: Hop) => Element<NetworkService>) => {
      const hop = await hopOf(name)
      const own = make(hop)
      await hop.transport.listen(`unix:///${name}.sock`, [
        expose(networkServiceWire, bind(own, grant)),
      ])
    }
    await served("nse", (hop) => {
      const kernel = kernelEndpoint({ namespaceUrl: "file:///nse", random: hop.random })
      return endpoint(hop, atEndpoint, mechanisms({ KERNEL: kernel }))
    })
    await served("forwarder", (hop) =>
      wirelessForwarder({ ...hop, clock, registries, tunnelIp: "192.0.2.1", observers: [] }),
    )
    const local = await registriesWith({
      services: [{ name: "echo", payload: "ETHERNET" }],
      endpoints: [
        { name: "forwarder", url: "unix:///forwarder.sock", networkServiceNames: ["forwarder"] },
      ],
    })
    await served("nsmgr", (hop) => nsmgr({ ...hop, registries: local, publicUrl: "unix:" }))
    const { name, transport, random, signal } = await hopOf("nsc")
    const own = client(
      {
        ...{ name, transport, random, signal, connectTo: "unix:///nsmgr.sock" },
        policies: { answers: ask("client", "common", "client") },
      },
      kernelPreference({ namespaceUrl: "file:///nsc", random }),
    )
    service = bind(own, grant)
  })
  afterEach(async () => {
    ending.abort()
    await clock.advance(0)
    assert.equal(clock.pending, 0, "timers are left")
  })

  type Hop = Awaited<ReturnType<typeof hopOf>>

  async function hopOf(name: string) {
    const source = await fixedIdentity({ id: idOf(name), clock })
    const tokens = signedTokens({ source, clock })
    const transport = memoryTransport({ name, network, clock, identity: source, tokens })
    return {
      ...{ name, tokens, transport, random: seededRandom(name.length), signal: ending.signal },
      policies: {
        requests: ask("server", "common", "server"),
        watches: ask("monitor", "monitor"),
      },
    }
  }

  function ask(point: PolicyPoint, ...folders: readonly string[]): Policies {
    return policies({
      point,
      policies: builtInPolicies.filter(({ name }) => folders.includes(name.split("/")[0] ?? "")),
      verifier: verifiedTokens({ clock }),
      onDecision: (policy, decision) => void decisions.push(`${point} ${policy} ${decision}`),
    })
  }

  const request = (): Promise<Connection> =>
    withCall({ clock, log: silentLog, timeoutMs: 15_000 }, (call) =>
      service.request(
        create(NetworkServiceRequestSchema, {
          connection: { id: "nsc-0", networkService: "echo" },
        }),
        call,
      ),
    )
  const close = (connection: Connection): Promise<void> =>
    withCall({ clock, log: silentLog, timeoutMs: 15_000 }, (call) =>
      service.close(connection, call),
    )

  it("is granted with a chain of tokens, and closed", async () => {
    const connection = await request()
    const claims = connection.path?.pathSegments.map(({ token }) => decodeToken(token)) ?? []
    const written = claims.map(({ subject, audience }) => [subject, audience])
    assert.deepEqual(written, [
      [idOf("nsc"), [idOf("nsmgr")]],
      [idOf("nsmgr"), [idOf("forwarder")]],
      [idOf("forwarder"), [idOf("nse")]],
      [idOf("nse"), [idOf("forwarder")]],
    ])
    await close(connection)
    assert.equal(atEndpoint.closes.length, 1)
    assert.deepEqual(
      decisions.filter((each) => !each.endsWith(" allowed")),
      [],
    )
  })

  it("stays while it is refreshed", async () => {
    const connection = await request()
    await clock.advance(3_000_000)
    assert.ok(atEndpoint.requests.length > 20, "it was not refreshed")
    assert.equal(atEndpoint.closes.length, 0)
    await close(connection)
    assert.equal(atEndpoint.closes.length, 1)
    assert.deepEqual(
      decisions.filter((each) => !each.endsWith(" allowed")),
      [],
    )
  })

  it("is closed by the endpoint when nobody refreshes it any more", async () => {
    await request()
    network.kill("unix:///nsmgr.sock")
    await clock.advance(700_000)
    assert.equal(atEndpoint.closes.length, 1)
  })

  it("tells the client what becomes of it three hops on", async () => {
    await request()
    const seen: (readonly [ConnectionEventType, State | undefined])[] = []
    const controller = new AbortController()
    const watching = withCall(
      { clock, log: silentLog, signal: controller.signal },
      async (call) => {
        const selector = create(MonitorScopeSelectorSchema, { pathSegments: [{ id: "nsc-0" }] })
        for await (const { type, connections } of service.monitorConnections(selector, call)) {
          seen.push([type, Object.values(connections)[0]?.state])
        }
      },
    )
    await clock.advance(0)
    network.kill("unix:///nse.sock")
    await clock.advance(10)
    controller.abort(new NsmError("CANCELLED", "seen enough"))
    await assert.rejects(watching, { text: "seen enough" })
    assert.deepEqual(seen, [
      [ConnectionEventType.INITIAL_STATE_TRANSFER, State.UP],
      [ConnectionEventType.UPDATE, State.DOWN],
    ])
  })
})
