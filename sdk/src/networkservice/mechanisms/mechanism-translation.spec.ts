import assert from "node:assert/strict"
import { create } from "@bufbuild/protobuf"
import { MechanismSchema, type NetworkServiceRequest } from "@nsm/api"
import { bind, chain, element } from "../../core/chain.ts"
import { testCall } from "../../testing/call.ts"
import { elementContract } from "../../testing/contract.ts"
import { requestAtHop } from "../../testing/messages.ts"
import { capture, failOn, record } from "../../testing/probes.ts"
import { connectionState } from "../common/connection-state.ts"
import { connectionOf, withConnection } from "../connection.ts"
import type { NetworkService } from "../service.ts"
import { grant } from "../tail.ts"
import { mechanismTranslation, outgoingMechanism } from "./mechanism-translation.ts"

const incoming = create(MechanismSchema, { cls: "LOCAL", type: "KERNEL", parameters: { a: "1" } })
const outgoing = create(MechanismSchema, { cls: "REMOTE", type: "VXLAN", parameters: { vni: "2" } })

const request = (): NetworkServiceRequest => ({
  ...withConnection(requestAtHop("hop"), { mechanism: incoming }),
  mechanismPreferences: [incoming],
})

/** A next hop that chooses the outgoing mechanism where none is chosen yet. */
const choosing = element<NetworkService>("choosing", (next) => ({
  request: async (asked, call) =>
    next.request(
      withConnection(asked, { mechanism: connectionOf(asked).mechanism ?? outgoing }),
      call,
    ),
}))

describe("mechanismTranslation", () => {
  elementContract(() => mechanismTranslation(), { request })

  it("hides the caller's mechanism and preferences from the next hop, and the next hop's from the caller", async () => {
    const seen = record()
    const service = bind(
      chain("test", connectionState(), mechanismTranslation(), seen, choosing),
      grant,
    )
    const granted = await service.request(request(), testCall())
    assert.deepEqual(granted.mechanism, incoming)
    assert.equal(seen.requests[0]?.message.connection?.mechanism, undefined)
    assert.deepEqual(seen.requests[0]?.message.mechanismPreferences, [])
  })

  it("asks for what was granted when the connection is asked for again, and closes it", async () => {
    const seen = record()
    const service = bind(
      chain("test", connectionState(), mechanismTranslation(), seen, choosing),
      grant,
    )
    const granted = await service.request(request(), testCall())
    const again = await service.request({ ...request(), connection: granted }, testCall())
    assert.deepEqual(seen.requests[1]?.message.connection?.mechanism, outgoing)
    assert.deepEqual(again.mechanism, incoming)
    await service.close(again, testCall())
    assert.deepEqual(seen.closes[0]?.message.mechanism, outgoing)
  })

  it("tells the elements before it what was granted", async () => {
    const told: unknown[] = []
    const look = capture({
      request: (_, call) => told.push(outgoingMechanism.get(call)),
      granted: (_, call) => told.push(outgoingMechanism.get(call)),
      close: (_, call) => told.push(outgoingMechanism.get(call)),
    })
    const service = bind(
      chain("test", connectionState(), look, mechanismTranslation(), choosing),
      grant,
    )
    const granted = await service.request(request(), testCall())
    await service.close(granted, testCall())
    assert.deepEqual(told, [undefined, outgoing, outgoing])
  })

  it("keeps what was granted when a later request fails", async () => {
    const seen = record()
    const service = bind(
      chain(
        "test",
        connectionState(),
        mechanismTranslation(),
        seen,
        failOn({ request: 2 }),
        choosing,
      ),
      grant,
    )
    const connection = await service.request(request(), testCall())
    await assert.rejects(service.request({ ...request(), connection }, testCall()))
    await service.request({ ...request(), connection }, testCall())
    assert.deepEqual(seen.requests[2]?.message.connection?.mechanism, outgoing)
  })
})
