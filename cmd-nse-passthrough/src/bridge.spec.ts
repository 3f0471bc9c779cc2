import assert from "node:assert/strict"
import { create } from "@bufbuild/protobuf"
import { type Mechanism, MechanismSchema } from "@nsm/api"
import {
  bind,
  chain,
  connectionState,
  element,
  mechanismTranslation,
  type NetworkService,
  NsmError,
  withConnection,
  grant,
} from "@nsm/sdk"
import { elementContract, record, requestAtHop, testCall } from "@nsm/sdk/testing"
import { bridge, type Joints } from "./bridge.ts"
import { jointOf } from "./joint.ts"

const kernel = (name: string): Mechanism =>
  create(MechanismSchema, { cls: "LOCAL", type: "KERNEL", parameters: { name } })
const request = () => withConnection(requestAtHop("hop"), { mechanism: kernel("in-1") })

/** A next hop that chooses a mechanism. */
const choosing = (mechanism: Mechanism) =>
  element<NetworkService>("choosing", (next) => ({
    request: (asked, call) => next.request(withConnection(asked, { mechanism }), call),
  }))

function world({
  mechanism = kernel("out-1"),
  join = () => {},
}: Partial<{ mechanism: Mechanism; join: Joints["join"] }> = {}) {
  const done: unknown[] = []
  const joints: Joints = {
    join(joint) {
      join(joint)
      done.push(joint)
    },
    part: async (name) => void done.push(name),
  }
  const seen = record()
  const parts = [bridge({ joints }), mechanismTranslation(), seen, choosing(mechanism)]
  return { done, seen, service: bind(chain("test", connectionState(), ...parts), grant) }
}

const name = jointOf("hop-1").bridge

describe("bridge", () => {
  elementContract(
    () =>
      chain(
        "both",
        bridge({ joints: { join: () => {}, part: async () => {} } }),
        mechanismTranslation(),
        choosing(kernel("out-1")),
      ),
    {
      request,
    },
  )

  it("joins the interfaces of both sides once both are granted, and parts them", async () => {
    const { done, service } = world()
    const granted = await service.request(request(), testCall())
    assert.deepEqual(done, [{ bridge: name, ports: ["in-1", "out-1"] }])
    await service.close(granted, testCall())
    assert.deepEqual(done[1], name)
  })

  it("gives back what was granted when it cannot be joined", async () => {
    const join = (): never => {
      throw new NsmError("PRIVILEGE_MISSING", "no")
    }
    const { seen, service } = world({ join })
    await assert.rejects(service.request(request(), testCall()), { reason: "PRIVILEGE_MISSING" })
    assert.equal(seen.closes.length, 1)
  })

  it("refuses what is no interface", async () => {
    const { service } = world({ mechanism: create(MechanismSchema, { type: "MEMIF" }) })
    await assert.rejects(service.request(request(), testCall()), {
      reason: "MECHANISM_UNSUPPORTED",
      text: /one side has MEMIF/,
    })
  })
})
