import assert from "node:assert/strict"
import { create } from "@bufbuild/protobuf"
import {
  Header,
  type NetworkServiceEndpoint,
  type NetworkServiceEndpointQuery,
  type NetworkServiceEndpointResponse,
  NetworkServiceEndpointSchema,
} from "@nsm/api"
import type { Call } from "../../core/call.ts"
import { bind, chain } from "../../core/chain.ts"
import { NsmError } from "../../core/errors.ts"
import { signedTokens } from "../../identity/signed-tokens.ts"
import { type TokenSource, unsignedTokens } from "../../identity/token.ts"
import { testCall } from "../../testing/call.ts"
import { FakeClock } from "../../testing/fake-clock.ts"
import { fixedIdentity } from "../../testing/fixed-identity.ts"
import { registryProbe } from "../../testing/registry-probe.ts"
import { endpointKind } from "../kind.ts"
import { encodePath, registryPath, type RegistryPath } from "../registry-path.ts"
import type { NetworkServiceEndpointRegistry } from "../service.ts"
import { memoryRegistry } from "./store.ts"
import { updateRegistryPath } from "./update-registry-path.ts"

const nse = "spiffe://nsm.local/nse"
const nsmgr = "spiffe://nsm.local/nsmgr"
const other = "spiffe://nsm.local/other"
const registry = "spiffe://nsm.local/registry"
const peer = { address: "nse", id: nse }

describe("updateRegistryPath", () => {
  const clock = new FakeClock()
  let tokens: TokenSource
  /** What the endpoint made for the manager, and the manager for the endpoint. */
  let callers: string
  let own: string

  before(async () => {
    const source = await fixedIdentity({ id: nse, clock })
    callers = signedTokens({ source, clock }).token({ address: "nsmgr", id: nsmgr }).token
    tokens = signedTokens({ source: await fixedIdentity({ id: nsmgr, clock }), clock })
    own = tokens.token(peer).token
  })

  const make = (options: { tokens: TokenSource | undefined } = { tokens }) => {
    const probe = registryProbe<
      NetworkServiceEndpoint,
      NetworkServiceEndpointQuery,
      NetworkServiceEndpointResponse
    >()
    const store = memoryRegistry(endpointKind)
    const elements = chain<NetworkServiceEndpointRegistry>(
      "test",
      updateRegistryPath(endpointKind, options),
      probe,
    )
    const seen = () => {
      const last = probe.registers.at(-1) ?? probe.unregisters.at(-1)
      assert.ok(last, "nothing came by")
      const { call, message } = last
      return { path: call.get(registryPath)?.path, ids: message.pathIds }
    }
    return { probe, store, service: bind(elements, store), seen }
  }
  const entry = (...pathIds: string[]): NetworkServiceEndpoint =>
    create(NetworkServiceEndpointSchema, { name: "e1", pathIds })
  const callWith = (headers: { path?: RegistryPath | string; token?: string }): Call => {
    const { path, token = callers } = headers
    const metadata = new Map([[Header.clientToken as string, token]])
    if (path !== undefined) {
      metadata.set(Header.path, typeof path === "string" ? path : encodePath(path))
    }
    return testCall({ clock, peer, metadata })
  }
  const empty: RegistryPath = { index: 0, tokens: [] }

  for (const method of ["register", "unregister"] as const) {
    it(`begins a path with the caller and itself, to ${method}`, async () => {
      const { service, seen } = make()
      const call = callWith({ path: empty })
      await service[method](entry(), call)
      assert.deepEqual(seen(), { path: { index: 1, tokens: [callers, own] }, ids: [nse, nsmgr] })
      assert.equal(call.reply.get(Header.path), encodePath({ index: 0, tokens: [callers, own] }))
    })
  }

  it("goes on with the path of the caller, whose token it renews", async () => {
    const { service, seen } = make()
    const call = callWith({ path: { index: 1, tokens: ["first", "old"] } })
    await service.register(entry(other, "old"), call)
    const path = { index: 2, tokens: ["first", callers, own] }
    assert.deepEqual(seen(), { path, ids: [other, nse, nsmgr] })
    assert.equal(call.reply.get(Header.path), encodePath({ ...path, index: 1 }))
  })

  it("leaves hops behind it as they are on a refresh", async () => {
    const { service, seen } = make()
    const path = { index: 0, tokens: ["old", "old", "last"] }
    await service.register(entry("old", "old", registry), callWith({ path }))
    assert.deepEqual(seen(), {
      path: { index: 1, tokens: [callers, own, "last"] },
      ids: [nse, nsmgr, registry],
    })
  })

  it("keeps ids in their places when earlier ones are missing", async () => {
    const { service, seen } = make()
    await service.register(entry(), callWith({ path: { index: 1, tokens: ["first", "old"] } }))
    assert.deepEqual(seen().ids, ["", nse, nsmgr])
  })

  it("gives the caller what the next hop put behind it", async () => {
    const { probe, service } = make()
    const call = callWith({ path: empty })
    probe.gate = Promise.resolve().then(() => {
      const holder = probe.registers.at(-1)?.call.get(registryPath)
      assert.ok(holder)
      holder.path = { index: 1, tokens: [callers, own, "last"] }
    })
    await service.register(entry(), call)
    const path = { index: 0, tokens: [callers, own, "last"] }
    assert.equal(call.reply.get(Header.path), encodePath(path))
  })

  it("lets nobody take anything for proven of a caller without the header", async () => {
    const { service, seen } = make()
    const call = callWith({})
    await service.register(entry(), call)
    assert.deepEqual(seen(), { path: empty, ids: [nse, nsmgr] })
    assert.equal(call.reply.size, 0)
  })

  const refused: readonly (readonly [
    what: string,
    headers: Parameters<typeof callWith>[0],
    why: RegExp,
  ])[] = [
    ["path that is no JSON", { path: "{" }, /PATH_INVALID: .*no JSON/],
    ["path of absurd size", { path: "x".repeat(262_145) }, /PATH_INVALID: .*characters/],
    ["path that points nowhere", { path: { index: 1, tokens: ["a"] } }, /PATH_INVALID: .*Index 1/],
    ["token that is none", { path: empty, token: "a.b.c" }, /TOKEN_INVALID: .*header/],
  ]
  for (const [what, headers, why] of refused) {
    it(`refuses a ${what}, and lets nothing be stored`, async () => {
      const { store, service } = make()
      const call = callWith(headers)
      await assert.rejects(service.register(entry(), call), why)
      assert.equal(store.entryCount(), 0)
      assert.equal(call.reply.size, 0)
    })
  }

  it("refuses a caller without a token", async () => {
    const { store, service } = make()
    const metadata = new Map([[Header.path, encodePath(empty)]])
    await assert.rejects(
      service.register(entry(), testCall({ clock, peer, metadata })),
      ({ reason, text }: NsmError) =>
        reason === "TOKEN_INVALID" && /network service endpoint e1 .*nsm-client-token/.test(text),
    )
    assert.equal(store.entryCount(), 0)
  })

  it("refuses a caller whose token names somebody else", async () => {
    const { store, service } = make()
    const call = callWith({ path: empty }).renewed({ peer: { address: "other", id: other } })
    await assert.rejects(service.register(entry(), call), /TOKEN_INVALID: .*other, but .*nse/)
    assert.equal(store.entryCount(), 0)
  })

  it("answers no path to a call that failed", async () => {
    const { probe, service } = make()
    probe.failure = new NsmError("PEER_UNREACHABLE", "gone")
    const call = callWith({ path: empty })
    await assert.rejects(service.register(entry(), call), { reason: "PEER_UNREACHABLE" })
    assert.equal(call.reply.size, 0)
  })

  it("is on no path without tokens to show, nor for calls from inside", async () => {
    const inside = callWith({ path: empty }).renewed({ peer: undefined })
    const cases = [
      [{ tokens: undefined }, callWith({ path: "{" })],
      [{ tokens: unsignedTokens({ clock }) }, callWith({ path: "{" })],
      [{ tokens }, inside],
    ] as const
    for (const [options, call] of cases) {
      const { service, seen } = make(options)
      await service.register(entry("kept"), call)
      assert.deepEqual(seen(), { path: undefined, ids: ["kept"] })
      assert.equal(call.reply.size, 0)
    }
  })
})
