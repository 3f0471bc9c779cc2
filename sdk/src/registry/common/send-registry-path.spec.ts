import assert from "node:assert/strict"
import { create } from "@bufbuild/protobuf"
import {
  Header,
  type NetworkServiceEndpoint,
  type NetworkServiceEndpointQuery,
  type NetworkServiceEndpointResponse,
  NetworkServiceEndpointSchema,
} from "@nsm/api"
import { receivedMetadata, sentMetadata } from "../../core/call.ts"
import { bind, chain, element } from "../../core/chain.ts"
import { NsmError } from "../../core/errors.ts"
import { testCall } from "../../testing/call.ts"
import { registryProbe } from "../../testing/registry-probe.ts"
import { endpointKind } from "../kind.ts"
import {
  emptyPath,
  encodePath,
  type PathHolder,
  registryPath,
  type RegistryPath,
} from "../registry-path.ts"
import type { NetworkServiceEndpointRegistry } from "../service.ts"
import { sendRegistryPath } from "./send-registry-path.ts"
import { memoryRegistry } from "./store.ts"

describe("sendRegistryPath", () => {
  const make = () => {
    const probe = registryProbe<
      NetworkServiceEndpoint,
      NetworkServiceEndpointQuery,
      NetworkServiceEndpointResponse
    >()
    const next: { answer: string | undefined } = { answer: undefined }
    const answering = element<NetworkServiceEndpointRegistry>("answering", (inner) => ({
      async register(entry, call) {
        if (next.answer !== undefined) call.get(receivedMetadata)?.set(Header.path, next.answer)
        return await inner.register(entry, call)
      },
    }))
    const elements = chain<NetworkServiceEndpointRegistry>(
      "test",
      sendRegistryPath(endpointKind),
      answering,
      probe,
    )
    const service = bind(elements, memoryRegistry(endpointKind))
    const sent = (from: "registers" | "unregisters" = "registers"): string | undefined =>
      probe[from].at(-1)?.call.get(sentMetadata).get(Header.path)
    const answered = (path: RegistryPath | string): void => {
      next.answer = typeof path === "string" ? path : encodePath(path)
    }
    return { probe, service, sent, answered }
  }
  const entry = create(NetworkServiceEndpointSchema, { name: "e1" })
  const granted: RegistryPath = { index: 0, tokens: ["a", "b", "c"] }

  it("sends an empty path first, then what it was answered, also to take the entry out", async () => {
    const { service, sent, answered } = make()
    answered(granted)
    await service.register(entry, testCall())
    assert.equal(sent(), encodePath(emptyPath))
    await service.register(entry, testCall())
    assert.equal(sent(), encodePath(granted))
    await service.unregister(entry, testCall())
    assert.equal(sent("unregisters"), encodePath(granted))
    await service.register(entry, testCall())
    assert.equal(sent(), encodePath(emptyPath), "kept what was taken out")
  })

  it("keeps a path per entry, and other headers", async () => {
    const { probe, service, sent, answered } = make()
    answered(granted)
    await service.register(entry, testCall())
    const call = testCall().with(sentMetadata, new Map([["other", "header"]]))
    await service.register({ ...entry, name: "e2" }, call)
    assert.equal(sent(), encodePath(emptyPath))
    assert.equal(probe.registers.at(-1)?.call.get(sentMetadata).get("other"), "header")
  })

  it("sends a caller's path on, and gives it what comes back", async () => {
    const { service, sent, answered } = make()
    const holder: PathHolder = { path: { index: 1, tokens: ["a", "b"] } }
    answered({ index: 1, tokens: ["a", "b", "c"] })
    await service.register(entry, testCall().with(registryPath, holder))
    assert.equal(sent(), encodePath({ index: 1, tokens: ["a", "b"] }))
    assert.deepEqual(holder.path, { index: 1, tokens: ["a", "b", "c"] })
    await service.unregister(entry, testCall())
    assert.equal(sent("unregisters"), encodePath(holder.path), "an event does not know it")
  })

  it("fills the empty holder of whoever looks at answers", async () => {
    const { service, answered } = make()
    const holder: PathHolder = {}
    answered(granted)
    await service.register(entry, testCall().with(registryPath, holder))
    assert.deepEqual(holder.path, granted)
  })

  it("keeps its path when the answer brings none, or the call fails", async () => {
    const { probe, service, sent, answered } = make()
    answered(granted)
    await service.register(entry, testCall())
    probe.failure = new NsmError("PEER_UNREACHABLE", "gone")
    answered({ index: 0, tokens: ["x"] })
    await assert.rejects(service.register(entry, testCall()))
    probe.failure = undefined
    await service.unregister(entry, testCall())
    assert.equal(sent("unregisters"), encodePath(granted))
  })

  it("does not take the header of a failed try for that of the next", async () => {
    const { service, sent } = make()
    const received = new Map([[Header.path as string, encodePath({ index: 0, tokens: ["x"] })]])
    await service.register(entry, testCall().with(receivedMetadata, received))
    await service.register(entry, testCall())
    assert.equal(sent(), encodePath(emptyPath))
  })

  for (const [what, path, why] of [
    ["is no path", "nonsense", /PATH_INVALID: .*no JSON/],
    ["stands at another hop", { index: 1, tokens: ["a", "b"] }, /PATH_INVALID: .*e1 .* Index 1/],
  ] as const) {
    it(`refuses an answer that ${what}, and keeps nothing of it`, async () => {
      const { service, sent, answered } = make()
      const holder: PathHolder = {}
      answered(path)
      await assert.rejects(service.register(entry, testCall().with(registryPath, holder)), why)
      assert.equal(holder.path, undefined)
      answered(granted)
      await service.register(entry, testCall())
      assert.equal(sent(), encodePath(emptyPath))
    })
  }
})
