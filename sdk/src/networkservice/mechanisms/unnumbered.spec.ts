import assert from "node:assert/strict"
import { create } from "@bufbuild/protobuf"
import { MechanismSchema, type NetworkServiceRequest } from "@nsm/api"
import { bind } from "../../core/chain.ts"
import { testCall } from "../../testing/call.ts"
import { elementContract } from "../../testing/contract.ts"
import { requestAtHop } from "../../testing/messages.ts"
import { record } from "../../testing/probes.ts"
import { withConnection } from "../connection.ts"
import { grant } from "../tail.ts"
import { unnumbered } from "./unnumbered.ts"

const mechanism = (type: string, parameters: Record<string, string> = {}) =>
  create(MechanismSchema, { cls: "LOCAL", type, parameters })
const interfaceName = ({ id }: { readonly id: string }): string => `in-${id}`

const offering = (...mechanismPreferences: ReturnType<typeof mechanism>[]) => ({
  ...requestAtHop("hop"),
  mechanismPreferences,
})

async function completed(request: NetworkServiceRequest) {
  const seen = record()
  await bind(unnumbered({ interfaceName }), bind(seen, grant)).request(request, testCall())
  const message = seen.requests.at(-1)?.message
  return {
    chosen: message?.connection?.mechanism?.parameters,
    offered: message?.mechanismPreferences.map(({ parameters }) => parameters),
  }
}

describe("unnumbered", () => {
  elementContract(() => unnumbered({ interfaceName }))

  it("marks and names the kernel interfaces that are offered", async () => {
    const { offered } = await completed(offering(mechanism("KERNEL", { a: "b" })))
    assert.deepEqual(offered, [{ a: "b", name: "in-hop-1", unnumbered: "true" }])
  })

  it("marks and names the one that was chosen", async () => {
    const request = withConnection(offering(), { mechanism: mechanism("KERNEL") })
    const { chosen } = await completed(request)
    assert.deepEqual(chosen, { name: "in-hop-1", unnumbered: "true" })
  })

  it("lets nobody choose the name, which might be that of an interface of something else", async () => {
    const asked = mechanism("KERNEL", { name: "eth0" })
    const { chosen, offered } = await completed(
      withConnection(offering(asked), { mechanism: asked }),
    )
    assert.deepEqual([chosen?.["name"], offered?.[0]?.["name"]], ["in-hop-1", "in-hop-1"])
  })

  it("leaves other mechanisms alone", async () => {
    const request = withConnection(offering(mechanism("MEMIF")), { mechanism: mechanism("VXLAN") })
    assert.deepEqual(await completed(request), { chosen: {}, offered: [{}] })
  })

  it("refuses a name that Linux would not take", async () => {
    const service = bind(unnumbered({ interfaceName: () => "far-too-long-a-name" }), grant)
    await assert.rejects(service.request(offering(mechanism("KERNEL")), testCall()), {
      reason: "INTERFACE_NAME_INVALID",
    })
  })
})
