import assert from "node:assert/strict"
import { create, type MessageInitShape } from "@bufbuild/protobuf"
import { type NetworkService, NetworkServiceSchema } from "@nsm/api"
import { bind, chain, element } from "../../core/chain.ts"
import { NsmError } from "../../core/errors.ts"
import type { Reason } from "../../core/reasons.ts"
import { testCall } from "../../testing/call.ts"
import { serviceKind } from "../kind.ts"
import type { NetworkServiceRegistry } from "../service.ts"
import { acceptRegistered } from "./accept-registered.ts"
import { isRenewal } from "./registration-events.ts"
import { memoryRegistry } from "./store.ts"

describe("acceptRegistered", () => {
  let reason: Reason | undefined
  let registry: NetworkServiceRegistry
  let owned: NetworkServiceRegistry
  beforeEach(() => {
    reason = undefined
    owned = memoryRegistry(serviceKind)
    const refusing = element<NetworkServiceRegistry>("refusing", (next) => ({
      async register(entry, call) {
        if (reason) throw new NsmError(reason, "refused")
        return await next.register(entry, call)
      },
    }))
    registry = bind(chain("test", acceptRegistered(serviceKind), refusing), owned)
  })
  const service = (init: MessageInitShape<typeof NetworkServiceSchema> = {}): NetworkService =>
    create(NetworkServiceSchema, { name: "web", payload: "IP", ...init })

  it("registers what nobody has registered", async () => {
    assert.deepEqual(await registry.register(service(), testCall()), service())
  })

  it("takes what somebody else has registered, with all that it has", async () => {
    const theirs = service({ matches: [{ fallthrough: true }] })
    await owned.register(theirs, testCall())
    reason = "PERMISSION_DENIED"
    assert.deepEqual(await registry.register(service(), testCall()), theirs)
  })

  it("leaves what is there as it is in a renewal, and registers what is not", async () => {
    const renewal = testCall().with(isRenewal, true)
    const changed = service({ payload: "ETHERNET" })
    await owned.register(changed, testCall())
    assert.deepEqual(await registry.register(service(), renewal), changed)
    await owned.unregister(changed, testCall())
    assert.deepEqual(await registry.register(service(), renewal), service())
    assert.deepEqual(await registry.register(changed, testCall()), changed)
  })

  const refused: readonly [string, NetworkService | undefined, Reason][] = [
    [
      "that somebody has registered otherwise",
      service({ payload: "ETHERNET" }),
      "PERMISSION_DENIED",
    ],
    ["that nobody has registered", undefined, "PERMISSION_DENIED"],
    ["that somebody has registered so, but that is not why", service(), "PEER_UNREACHABLE"],
  ]
  for (const [title, theirs, why] of refused) {
    it(`fails with a service ${title}`, async () => {
      if (theirs) await owned.register(theirs, testCall())
      reason = why
      await assert.rejects(registry.register(service(), testCall()), { reason: why })
    })
  }
})
