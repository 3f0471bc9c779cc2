import assert from "node:assert/strict"
import { create } from "@bufbuild/protobuf"
import { ConnectionSchema, MechanismSchema, NetworkServiceRequestSchema } from "@nsm/api"
import { bind, established, formerVni, type NetworkService, silentLog, withCall } from "@nsm/sdk"
import { elementContract, FakeClock } from "@nsm/sdk/testing"
import { distinctVni } from "./distinct-vni.ts"

describe("distinctVni", () => {
  elementContract(() => distinctVni({ isTaken: () => true }))

  it("keeps the first free identifier", async () => {
    const { ask, closed } = nextHop([10])
    assert.equal(await ask(), "10")
    assert.deepEqual(closed, [])
  })

  it("gives a taken identifier back and asks again", async () => {
    const { ask, closed } = nextHop([1, 2, 10])
    assert.equal(await ask(), "10")
    assert.deepEqual(closed, ["1", "2"])
  })

  it("does not offer again the identifier that an earlier connection of the client still has", async () => {
    const { ask, offered } = nextHop([1, 10])
    assert.equal(await ask({ former: 1 }), "10")
    assert.deepEqual(offered, [1, undefined])
  })

  it("gives up after three taken ones and leaves nothing behind", async () => {
    const { ask, closed } = nextHop([1, 2, 3, 10])
    await assert.rejects(ask(), /in use here 3 times, last 3/)
    assert.deepEqual(closed, ["1", "2", "3"])
  })

  it("keeps the identifier of an established connection", async () => {
    const { ask } = nextHop([1])
    assert.equal(await ask({ isEstablished: true }), "1")
  })
})

function nextHop(choices: readonly number[]) {
  const closed: string[] = []
  const offered: (number | undefined)[] = []
  const left = choices.map(String)
  const chooser: NetworkService = {
    async request({ connection }, call) {
      offered.push(call.get(formerVni))
      const parameters = { vni: left.shift() ?? "" }
      const mechanism = create(MechanismSchema, { type: "VXLAN", parameters })
      return { ...(connection ?? create(ConnectionSchema)), mechanism }
    },
    close: async ({ mechanism }) => void closed.push(mechanism?.parameters["vni"] ?? ""),
    async *monitorConnections() {},
  }
  const service = bind(distinctVni({ isTaken: (vni) => vni < 10 }), chooser)
  const ask = async ({
    isEstablished = false,
    former,
  }: { isEstablished?: boolean; former?: number } = {}): Promise<string | undefined> => {
    const request = create(NetworkServiceRequestSchema, { connection: { id: "forwarder-0" } })
    const granted = await withCall({ clock: new FakeClock(), log: silentLog }, (call) =>
      service.request(request, call.with(established, isEstablished).with(formerVni, former)),
    )
    return granted.mechanism?.parameters["vni"]
  }
  return { ask, closed, offered }
}
