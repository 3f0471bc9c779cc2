import assert from "node:assert/strict"
import { create } from "@bufbuild/protobuf"
import {
  Header,
  type NetworkServiceEndpoint,
  NetworkServiceEndpointQuerySchema,
  NetworkServiceEndpointSchema,
} from "@nsm/api"
import { type Call, sentMetadata, withCall } from "../../core/call.ts"
import { bind, type Element, element } from "../../core/chain.ts"
import { NsmError } from "../../core/errors.ts"
import { silentLog } from "../../core/log.ts"
import { signedTokens } from "../../identity/signed-tokens.ts"
import type { TokenSource } from "../../identity/token.ts"
import { verifiedTokens } from "../../identity/verified-tokens.ts"
import { builtInPolicies } from "../../policy/built-in/built-in.ts"
import { type Policies, policies, type PolicyPoint } from "../../policy/policies.ts"
import { FakeClock } from "../../testing/fake-clock.ts"
import { fixedIdentity } from "../../testing/fixed-identity.ts"
import { jwt } from "../../testing/jwt.ts"
import { registryProbe } from "../../testing/registry-probe.ts"
import { MemoryNetwork } from "../../transport/memory/network.ts"
import { memoryTransport } from "../../transport/memory/transport.ts"
import { expose, type Transport } from "../../transport/transport.ts"
import { connectRegistries } from "../common/connect.ts"
import { encodePath } from "../registry-path.ts"
import {
  networkServiceEndpointRegistryWire,
  networkServiceRegistryWire,
  type NetworkServiceEndpointRegistry,
  type Registries,
} from "../service.ts"
import { registryClient } from "./client.ts"
import { memoryRegistries } from "./memory.ts"
import { managerRegistries } from "./nsmgr.ts"

const idOf = (name: string): string => `spiffe://nsm.local/${name}`
const managerUrl = "unix:///run/nsm.io.sock"
const registryUrl = "tcp://registry:5002"

/** A registry, a manager and whoever registers, all with the policies that are the default. */
describe("registries with policies", () => {
  let clock: FakeClock
  let network: MemoryNetwork
  let registry: ReturnType<typeof memoryRegistries>
  /** Between the manager's transport and its registries. */
  let inManager: Element<NetworkServiceEndpointRegistry>
  const ending = new Set<AbortController>()

  beforeEach(async () => {
    clock = new FakeClock()
    network = new MemoryNetwork()
    inManager = element("nothing", () => ({}))
    const r = await process("r")
    const registrations = ask("registry-server", "common", "registry", "server")
    registry = memoryRegistries({ clock, tokens: r.tokens, policies: { registrations } })
    await r.transport.listen(registryUrl, served(registry))
    await startManager("nsmgr")
  })
  afterEach(() => {
    for (const each of ending) each.abort()
    ending.clear()
  })

  const ask = (point: PolicyPoint, ...folders: readonly string[]): Policies =>
    policies({
      point,
      policies: builtInPolicies.filter(({ name }) => folders.includes(name.split("/")[0] ?? "")),
      verifier: verifiedTokens({ clock }),
    })

  async function process(name: string, tokens?: TokenSource) {
    const identity = await fixedIdentity({ id: idOf(name), clock })
    const own = tokens ?? signedTokens({ source: identity, clock })
    const transport = memoryTransport({ name, network, clock, identity, tokens: own })
    return { tokens: own, transport, identity }
  }

  function served({ services, endpoints }: Registries) {
    return [
      expose(networkServiceRegistryWire, services),
      expose(networkServiceEndpointRegistryWire, endpoints),
    ]
  }

  async function startManager(name: string): Promise<void> {
    const { tokens, transport } = await process(name)
    const upstream = connectRegistries({ transport, url: registryUrl })
    const { services, endpoints } = managerRegistries({
      ...{ clock, tokens, upstream, publicUrl: `tcp://${name}:5001` },
      policies: {
        registrations: ask("registry-server", "common", "registry", "server"),
        answers: ask("registry-client", "common", "registry", "client"),
      },
    })
    const watched = {
      services,
      endpoints: bind(
        lateBound(() => inManager),
        endpoints,
      ),
    }
    await transport.listen(managerUrl, served(watched))
  }

  /** Asks a function for the element at each call. */
  function lateBound(
    current: () => Element<NetworkServiceEndpointRegistry>,
  ): Element<NetworkServiceEndpointRegistry> {
    return element("late-bound", (next) => ({
      register: (entry, call) => bind(current(), next).register(entry, call),
      unregister: (entry, call) => bind(current(), next).unregister(entry, call),
    }))
  }

  const clientOf = (transport: Transport): Registries => {
    const controller = new AbortController()
    ending.add(controller)
    return registryClient({
      ...{ transport, url: managerUrl, signal: controller.signal },
      policies: { answers: ask("registry-client", "common", "registry", "client") },
    })
  }
  const inCall = <T>(run: (call: Call) => Promise<T>): Promise<T> =>
    withCall({ clock, log: silentLog }, run)
  const entry = create(NetworkServiceEndpointSchema, { name: "nse-1", url: "tcp://nse:1" })

  /** One try, without what a client does to try again. */
  const register = (
    transport: Transport,
    changes: (call: Call) => Call = (call) => call,
  ): Promise<NetworkServiceEndpoint> => {
    const { endpoints } = connectRegistries({ transport, url: managerUrl })
    const path = new Map([[Header.path as string, encodePath({ index: 0, tokens: [] })]])
    return inCall((call) => endpoints.register(entry, changes(call.with(sentMetadata, path))))
  }
  const isDenied =
    (policy: string) =>
    (error: unknown): boolean =>
      error instanceof NsmError &&
      error.code === "PERMISSION_DENIED" &&
      error.text.startsWith(`policy ${policy} asks`) &&
      error.text.endsWith("no sufficient privileges")

  it("let an endpoint register, renew and unregister", async () => {
    const { transport } = await process("nse")
    const { endpoints } = clientOf(transport)
    const granted = await inCall((call) => endpoints.register(entry, call))
    assert.deepEqual(granted.pathIds, ["nse", "nsmgr", "r"].map(idOf))
    await clock.advance(3_000_000)
    assert.deepEqual(registry.entryCounts(), { services: 0, endpoints: 1 })
    await inCall((call) => endpoints.unregister(entry, call))
    assert.deepEqual(registry.entryCounts(), { services: 0, endpoints: 0 })
  })

  it("refuse a name that is somebody else's, until that one has given it back", async () => {
    const { transport } = await process("nse")
    const owner = clientOf(transport).endpoints
    await inCall((call) => owner.register(entry, call))
    const thief = (await process("thief")).transport
    await assert.rejects(register(thief), isDenied("registry/client_allowed"))
    await assert.rejects(register(thief), /"nse-1" was registered by "spiffe:\/\/nsm.local\/nse"/)
    const taking = connectRegistries({ transport: thief, url: managerUrl }).endpoints
    const path = new Map([[Header.path as string, encodePath({ index: 0, tokens: [] })]])
    const removal = inCall((call) => taking.unregister(entry, call.with(sentMetadata, path)))
    await assert.rejects(removal, isDenied("registry/client_allowed"))
    await inCall((call) => owner.unregister(entry, call))
    assert.deepEqual((await register(thief)).pathIds[0], idOf("thief"))
  })

  it("give a name that two ask for at once to the first", async () => {
    const first = (await process("first")).transport
    const second = (await process("second")).transport
    const [one, two] = await Promise.allSettled([register(first), register(second)])
    assert.equal(one.status, "fulfilled")
    assert.ok(two.status === "rejected" && isDenied("registry/client_allowed")(two.reason))
  })

  const bad: readonly (readonly [string, policy: string, token: (own: string) => string])[] = [
    [
      "that has ended",
      "common/tokens_expired",
      () => jwt({ sub: idOf("nse"), aud: [idOf("nsmgr")], exp: 1 }),
    ],
    ["that somebody else signed", "server/prev_token_signed", (own) => resigned(own)],
    [
      "whose audience is a text",
      "common/tokens_chained",
      () => jwt({ sub: idOf("nse"), aud: idOf("nsmgr"), exp: clock.now() }),
    ],
  ]
  for (const [title, policy, token] of bad) {
    it(`refuse a token ${title}, and keep nothing`, async () => {
      const behind = registryProbe<never, never, never>()
      const honest = await process("nse")
      const tokens: TokenSource = {
        token(peer) {
          const { token: own, expiresAt } = honest.tokens.token(peer)
          return { token: token(own), expiresAt }
        },
      }
      const { transport } = await process("nse", tokens)
      await assert.rejects(register(transport), isDenied(policy))
      assert.equal(behind.registers.length, 0)
      assert.deepEqual(registry.entryCounts(), { services: 0, endpoints: 0 })
    })
  }

  it("refuse a registration without the header path", async () => {
    const { transport } = await process("nse")
    const refused = register(transport, (call) => call.with(sentMetadata, new Map()))
    await assert.rejects(refused, isDenied("server/prev_token_signed"))
  })

  it("let anybody look things up", async () => {
    const { transport } = await process("nse")
    await register(transport)
    const { endpoints } = connectRegistries({
      transport: (await process("x")).transport,
      url: managerUrl,
    })
    const found = await inCall(async (call) => {
      const query = create(NetworkServiceEndpointQuerySchema, {
        networkServiceEndpoint: { name: "nse-1" },
      })
      return (await Array.fromAsync(endpoints.find(query, call))).length
    })
    assert.equal(found, 1)
  })

  it("take out what a manager that proves nothing answers with", async () => {
    inManager = element("silent", (next) => ({
      async register(entry, call) {
        const granted = await next.register(entry, call)
        call.reply.delete(Header.path)
        return granted
      },
    }))
    const { transport } = await process("nse")
    const { endpoints } = clientOf(transport)
    const limited = withCall({ clock, log: silentLog, timeoutMs: 100 }, (call) =>
      endpoints.register(entry, call),
    )
    const refused = assert.rejects(limited, (error: Error) =>
      isDenied("client/next_token_signed")(error.cause),
    )
    await clock.advance(100)
    await refused
    assert.deepEqual(registry.entryCounts(), { services: 0, endpoints: 0 })
  })

  function resigned(token: string): string {
    return `${token.slice(0, token.lastIndexOf(".") + 1)}${Buffer.alloc(64, 7).toString("base64url")}`
  }
})
