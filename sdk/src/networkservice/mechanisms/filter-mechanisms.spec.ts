import assert from "node:assert/strict"
import { create } from "@bufbuild/protobuf"
import { MechanismSchema, type NetworkServiceRequest } from "@nsm/api"
import { bind, chain } from "../../core/chain.ts"
import { testCall } from "../../testing/call.ts"
import { elementContract } from "../../testing/contract.ts"
import { requestOf } from "../../testing/messages.ts"
import { record } from "../../testing/probes.ts"
import { nextUrl } from "../common/next-url.ts"
import { grant } from "../tail.ts"
import { filterMechanisms } from "./filter-mechanisms.ts"

const kernel = create(MechanismSchema, { cls: "LOCAL", type: "KERNEL" })
const memif = create(MechanismSchema, { cls: "LOCAL", type: "MEMIF" })
const vxlan = create(MechanismSchema, { cls: "REMOTE", type: "VXLAN" })

/** The types that the next hop at a URL is offered. */
async function offered(
  url: string,
  mechanismPreferences = [kernel, vxlan, memif],
  request: NetworkServiceRequest = requestOf({ payload: "IP" }),
): Promise<string[] | undefined> {
  const seen = record()
  const service = bind(chain("test", filterMechanisms(), seen), grant)
  await service.request({ ...request, mechanismPreferences }, testCall().with(nextUrl, url))
  return seen.requests[0]?.message.mechanismPreferences.map(({ type }) => type)
}

describe("filterMechanisms", () => {
  elementContract(() => filterMechanisms())

  it("leaves local mechanisms to a next hop behind a unix socket", async () => {
    assert.deepEqual(await offered("unix:///run/nse.sock"), ["KERNEL", "MEMIF"])
    assert.deepEqual(await offered("inode://4/12345"), ["KERNEL", "MEMIF"])
  })

  it("leaves remote mechanisms to any other next hop", async () => {
    assert.deepEqual(await offered("tcp://10.0.0.1:5001"), ["VXLAN"])
    assert.deepEqual(await offered("registry:5002"), ["VXLAN"])
  })

  it("rejects a request for which nothing is left, saying what would be needed", async () => {
    await assert.rejects(offered("tcp://10.0.0.1:5001", [kernel]), {
      reason: "MECHANISM_UNSUPPORTED",
      text: "tcp://10.0.0.1:5001 needs a REMOTE mechanism for payload IP; this hop has only LOCAL KERNEL",
    })
  })

  it("lets a request without preferences pass", async () => {
    assert.deepEqual(await offered("tcp://10.0.0.1:5001", []), [])
  })

  it("lets a request pass whose mechanism is chosen", async () => {
    const chosen = requestOf({ mechanism: vxlan })
    assert.deepEqual(await offered("tcp://10.0.0.1:5001", [kernel], chosen), [])
  })
})
