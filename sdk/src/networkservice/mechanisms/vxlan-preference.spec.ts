import assert from "node:assert/strict"
import { create } from "@bufbuild/protobuf"
import { type Connection, type Mechanism, MechanismSchema } from "@nsm/api"
import { bind, chain } from "../../core/chain.ts"
import { testCall } from "../../testing/call.ts"
import { elementContract } from "../../testing/contract.ts"
import { requestOf } from "../../testing/messages.ts"
import { record } from "../../testing/probes.ts"
import { withConnection } from "../connection.ts"
import { grant } from "../tail.ts"
import { formerVni, vxlanPreference } from "./vxlan-preference.ts"

const make = () => vxlanPreference({ tunnelIp: "10.0.0.1", mtu: 1446 })
const vxlan = (parameters: Record<string, string>): Mechanism =>
  create(MechanismSchema, { cls: "REMOTE", type: "VXLAN", parameters })

async function sent(connection: Partial<Connection>, call = testCall()) {
  const seen = record()
  const service = bind(chain("test", make(), seen), grant)
  await service.request(withConnection(requestOf(), connection), call)
  return seen.requests[0]?.message
}

describe("vxlanPreference", () => {
  elementContract(make, { request: () => requestOf({ payload: "ETHERNET" }) })

  it("offers a tunnel for frames", async () => {
    const asked = await sent({ payload: "ETHERNET" })
    assert.deepEqual(asked?.mechanismPreferences, [
      vxlan({ src_ip: "10.0.0.1", src_port: "4789", MTU: "1446" }),
    ])
  })

  it("offers the identifier that the wire had before", async () => {
    const asked = await sent({ payload: "ETHERNET" }, testCall().with(formerVni, 77))
    assert.equal(asked?.mechanismPreferences[0]?.parameters["vni"], "77")
  })

  it("offers none for packets", async () => {
    assert.deepEqual((await sent({ payload: "IP" }))?.mechanismPreferences, [])
    assert.deepEqual((await sent({ payload: "" }))?.mechanismPreferences, [])
  })

  it("keeps the tunnel that was granted, at the lower MTU", async () => {
    const granted = vxlan({ src_ip: "10.0.0.1", vni: "6", MTU: "1400" })
    const asked = await sent({ payload: "ETHERNET", mechanism: granted })
    assert.deepEqual(asked?.mechanismPreferences, [])
    const expected = vxlan({ src_ip: "10.0.0.1", vni: "6", MTU: "1400", src_port: "4789" })
    assert.deepEqual(asked.connection?.mechanism, expected)
  })

  it("leaves another mechanism alone", async () => {
    const mechanism = create(MechanismSchema, { cls: "LOCAL", type: "KERNEL" })
    const asked = await sent({ payload: "ETHERNET", mechanism })
    assert.deepEqual(asked?.mechanismPreferences, [])
    assert.deepEqual(asked.connection?.mechanism, mechanism)
  })
})
