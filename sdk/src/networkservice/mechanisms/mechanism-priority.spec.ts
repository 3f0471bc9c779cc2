import assert from "node:assert/strict"
import { create } from "@bufbuild/protobuf"
import { MechanismSchema } from "@nsm/api"
import { bind, chain } from "../../core/chain.ts"
import { testCall } from "../../testing/call.ts"
import { elementContract } from "../../testing/contract.ts"
import { requestOf } from "../../testing/messages.ts"
import { record } from "../../testing/probes.ts"
import { grant } from "../tail.ts"
import { mechanismPriority } from "./mechanism-priority.ts"

async function ordered(priority: readonly string[], types: readonly string[]) {
  const seen = record()
  const service = bind(chain("test", mechanismPriority({ priority }), seen), grant)
  const mechanismPreferences = types.map((type) => create(MechanismSchema, { type }))
  await service.request({ ...requestOf(), mechanismPreferences }, testCall())
  return seen.requests[0]?.message.mechanismPreferences.map(({ type }) => type)
}

describe("mechanismPriority", () => {
  elementContract(() => mechanismPriority({ priority: ["VXLAN"] }))

  it("puts the listed types first, in any case, and leaves the others in order", async () => {
    const types = ["KERNEL", "VXLAN", "MEMIF", "WIREGUARD"]
    assert.deepEqual(await ordered(["wireguard", " vxlan"], types), [
      "WIREGUARD",
      "VXLAN",
      "KERNEL",
      "MEMIF",
    ])
  })

  it("changes nothing where nothing is listed", async () => {
    assert.deepEqual(await ordered([], ["B", "A"]), ["B", "A"])
    assert.deepEqual(await ordered(["C"], ["B", "A"]), ["B", "A"])
  })
})
