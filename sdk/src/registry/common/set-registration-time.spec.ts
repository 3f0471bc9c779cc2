import assert from "node:assert/strict"
import { create } from "@bufbuild/protobuf"
import { timestampFromMs, timestampMs } from "@bufbuild/protobuf/wkt"
import { type NetworkServiceEndpoint, NetworkServiceEndpointSchema } from "@nsm/api"
import { bind } from "../../core/chain.ts"
import { testCall } from "../../testing/call.ts"
import { FakeClock } from "../../testing/fake-clock.ts"
import { endpointKind } from "../kind.ts"
import { setRegistrationTime } from "./set-registration-time.ts"
import { memoryRegistry } from "./store.ts"

describe("setRegistrationTime", () => {
  const make = (clock = new FakeClock()) => {
    const registry = bind(setRegistrationTime(), memoryRegistry(endpointKind))
    const call = testCall({ clock })
    const register = (endpoint: NetworkServiceEndpoint) => registry.register(endpoint, call)
    return { clock, register, unregister: () => registry.unregister(e1, call) }
  }
  const e1 = create(NetworkServiceEndpointSchema, { name: "e1" })
  const timeOf = ({ initialRegistrationTime: time }: NetworkServiceEndpoint): number =>
    time ? timestampMs(time) : assert.fail("there is no time")

  it("notes the first time and keeps it, whatever a renewal says", async () => {
    const { clock, register } = make()
    const began = clock.now()
    assert.equal(timeOf(await register(e1)), began)
    await clock.advance(60_000)
    assert.equal(timeOf(await register(e1)), began)
    const later = timestampFromMs(clock.now())
    assert.equal(timeOf(await register({ ...e1, initialRegistrationTime: later })), began)
  })

  it("begins anew for one that was taken out", async () => {
    const { clock, register, unregister } = make()
    await register(e1)
    await clock.advance(60_000)
    await unregister()
    assert.equal(timeOf(await register(e1)), clock.now())
  })

  it("takes the endpoint's word after a restart", async () => {
    const { clock, register } = make()
    const before = await register(e1)
    await clock.advance(60_000)
    assert.equal(timeOf(await make(clock).register(before)), timeOf(before))
  })

  it("does not believe a time that is still to come", async () => {
    const { clock, register } = make()
    const initialRegistrationTime = timestampFromMs(clock.now() + 1)
    assert.equal(timeOf(await register({ ...e1, initialRegistrationTime })), clock.now())
  })
})
