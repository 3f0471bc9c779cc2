import assert from "node:assert/strict"
import { create } from "@bufbuild/protobuf"
import { timestampMs } from "@bufbuild/protobuf/wkt"
import { Header, type NetworkServiceEndpoint, NetworkServiceEndpointSchema } from "@nsm/api"
import { type Call, withCall } from "../../core/call.ts"
import { bind, type Element, element } from "../../core/chain.ts"
import { silentLog } from "../../core/log.ts"
import { decodeToken } from "../../identity/decode-token.ts"
import { signedTokens } from "../../identity/signed-tokens.ts"
import { FakeClock } from "../../testing/fake-clock.ts"
import { fixedIdentity } from "../../testing/fixed-identity.ts"
import { MemoryNetwork } from "../../transport/memory/network.ts"
import { memoryTransport } from "../../transport/memory/transport.ts"
import { expose } from "../../transport/transport.ts"
import { connectRegistries } from "../common/connect.ts"
import {
  networkServiceEndpointRegistryWire,
  networkServiceRegistryWire,
  type NetworkServiceEndpointRegistry,
  type Registries,
} from "../service.ts"
import { registryClient } from "./client.ts"
import { memoryRegistries } from "./memory.ts"
import { managerRegistries } from "./nsmgr.ts"

/** What an endpoint e, its manager 1 and the registry r tell each other of a registration. */
interface Told {
  /** Header `path` of the call, and the ids in the entry. */
  readonly asked: string
  readonly ids: readonly string[]
  /** Header `path` of the answer. */
  answered?: string
}

describe("path of a registration through a manager", () => {
  const idOf = (name: string): string => `spiffe://nsm.local/${name}`
  const managerUrl = "unix:///run/nsm.io.sock"
  const registryUrl = "tcp://registry:5002"

  /** A header with its tokens written as who made them for whom. */
  const readable = (header: string | undefined): string =>
    (header ?? "nothing").replace(/\{"token":"([^"]*)"\}/g, (_, token: string) => {
      const { subject, audience } = decodeToken(token)
      return [subject, audience ?? []]
        .flat()
        .map((id) => id.slice(-1))
        .join("→")
    })

  const make = async (lifetimes: Readonly<Record<string, number>> = {}) => {
    const clock = new FakeClock()
    const network = new MemoryNetwork()
    const told: { manager: Told[]; registry: Told[] } = { manager: [], registry: [] }
    const listening = (to: Told[]): Element<NetworkServiceEndpointRegistry> => {
      const note = async <T>(
        { pathIds }: NetworkServiceEndpoint,
        call: Call,
        go: () => Promise<T>,
      ): Promise<T> => {
        const each: Told = { asked: readable(call.metadata.get(Header.path)), ids: pathIds }
        to.push(each)
        const answer = await go()
        each.answered = readable(call.reply.get(Header.path))
        return answer
      }
      return element("listening", (next) => ({
        register: (entry, call) => note(entry, call, () => next.register(entry, call)),
        unregister: (entry, call) => note(entry, call, () => next.unregister(entry, call)),
      }))
    }
    const process = async (name: string) => {
      const identity = await fixedIdentity({ id: idOf(name), clock })
      const tokens = signedTokens({
        source: identity,
        clock,
        lifetimeMs: lifetimes[name] ?? 600_000,
      })
      return { tokens, transport: memoryTransport({ name, network, clock, identity, tokens }) }
    }
    const served = ({ services, endpoints }: Registries, to: Told[]) => [
      expose(networkServiceRegistryWire, services),
      expose(networkServiceEndpointRegistryWire, bind(listening(to), endpoints)),
    ]
    const r = await process("r")
    const registries = memoryRegistries({ clock, tokens: r.tokens })
    await r.transport.listen(registryUrl, served(registries, told.registry))
    const manager = await process("1")
    const upstream = connectRegistries({ transport: manager.transport, url: registryUrl })
    const publicUrl = "tcp://1:5001"
    await manager.transport.listen(
      managerUrl,
      served(
        managerRegistries({ clock, tokens: manager.tokens, upstream, publicUrl }),
        told.manager,
      ),
    )
    const { transport } = await process("e")
    const gone = new AbortController()
    const client = registryClient({ transport, url: managerUrl, signal: gone.signal })
    const inCall = <T>(run: (call: Call) => Promise<T>): Promise<T> =>
      withCall({ clock, log: silentLog }, run)
    return { clock, client, told, gone, inCall }
  }
  const entry = create(NetworkServiceEndpointSchema, { name: "nse-1", url: "tcp://e:1" })
  const ids = (...names: string[]): string[] => names.map(idOf)

  it("is as the reference has it, hop by hop", async () => {
    const { client, told, inCall } = await make()
    const { pathIds } = await inCall((call) => client.endpoints.register(entry, call))
    assert.deepEqual(told.manager, [
      {
        asked: '{"Index":0,"PathSegments":null}',
        ids: [],
        answered: '{"Index":0,"PathSegments":[e→1,1→r,r→1]}',
      },
    ])
    assert.deepEqual(told.registry, [
      {
        asked: '{"Index":1,"PathSegments":[e→1,1→e]}',
        ids: ids("e", "1"),
        answered: '{"Index":1,"PathSegments":[e→1,1→r,r→1]}',
      },
    ])
    assert.deepEqual(pathIds, ids("e", "1", "r"))
  })

  it("stays over refreshes, with fresh tokens", async () => {
    const { clock, client, told, inCall } = await make()
    await inCall((call) => client.endpoints.register(entry, call))
    await clock.advance(3_000_000)
    const { asked, ids: sentIds, answered } = told.manager.at(-1) ?? assert.fail()
    assert.ok(told.manager.length > 10, "it was not refreshed")
    assert.equal(asked, '{"Index":0,"PathSegments":[e→1,1→r,r→1]}')
    assert.deepEqual(sentIds, ids("e", "1", "r"))
    assert.equal(answered, asked)
    assert.equal(told.registry.at(-1)?.asked, '{"Index":1,"PathSegments":[e→1,1→e,r→1]}')
    assert.deepEqual(told.registry.at(-1)?.ids, ids("e", "1", "r"))
  })

  for (const shortest of ["e", "1", "r"]) {
    it(`limits the registration by the tokens of ${shortest}`, async () => {
      const { clock, client, inCall } = await make({ [shortest]: 20_000 })
      const { expirationTime } = await inCall((call) => client.endpoints.register(entry, call))
      assert.ok(expirationTime)
      assert.equal(timestampMs(expirationTime) - clock.now(), 20_000)
    })
  }

  it("goes along when the endpoint is taken out", async () => {
    const { client, told, inCall } = await make()
    await inCall((call) => client.endpoints.register(entry, call))
    await inCall((call) => client.endpoints.unregister(entry, call))
    assert.equal(told.manager.at(-1)?.asked, '{"Index":0,"PathSegments":[e→1,1→r,r→1]}')
    assert.equal(told.registry.at(-1)?.asked, '{"Index":1,"PathSegments":[e→1,1→e,r→1]}')
  })

  it("goes along when the manager takes out what was not renewed", async () => {
    const { clock, client, told, gone, inCall } = await make()
    await inCall((call) => client.endpoints.register(entry, call))
    gone.abort()
    await clock.advance(60_000)
    assert.equal(told.manager.length, 1, "it was renewed")
    assert.deepEqual(told.registry.at(-1), {
      asked: '{"Index":1,"PathSegments":[e→1,1→r,r→1]}',
      ids: ids("e", "1", "r"),
      answered: '{"Index":1,"PathSegments":[e→1,1→r,r→1]}',
    })
  })
})
