import assert from "node:assert/strict"
import { create } from "@bufbuild/protobuf"
import { ConnectionSchema } from "@nsm/api"
import type { HttpAnswer } from "@nsm/sdk/daemon"
import { pathRoute } from "./path-route.ts"

describe("GET /path", () => {
  const connection = create(ConnectionSchema, {
    id: "nsc-0",
    networkService: "icmp",
    path: {
      pathSegments: [
        { name: "nsc", id: "nsc-0", token: "a.b.c" },
        { name: "nse", id: "u1", token: "d.e.f" },
      ],
    },
  })
  const asked = async (wire: string, isLocal = true): Promise<HttpAnswer> => {
    const wires = [
      { id: "nsc-0", connection },
      { id: "nsc-1", connection: undefined },
    ]
    return await pathRoute(wires).answer({
      query: new URLSearchParams({ wire }),
      body: "",
      isLocal,
    })
  }

  it("tells the hops of a wire with their tokens", async () => {
    const { status, body } = await asked("nsc-0")
    assert.equal(status, undefined)
    assert.deepEqual(JSON.parse(body), {
      id: "nsc-0",
      networkService: "icmp",
      segments: [
        { name: "nsc", id: "nsc-0", token: "a.b.c" },
        { name: "nse", id: "u1", token: "d.e.f" },
      ],
    })
  })

  it("says so when there is no such wire, or no path yet", async () => {
    assert.deepEqual(await asked("other"), {
      status: 404,
      body: 'no wire "other"; there is: nsc-0, nsc-1\n',
    })
    assert.deepEqual(await asked("nsc-1"), {
      status: 404,
      body: "the wire nsc-1 has not been granted\n",
    })
  })

  it("tells nothing to other machines", async () => {
    const { status, body } = await asked("nsc-0", false)
    assert.equal(status, 403)
    assert.doesNotMatch(body, /token|a\.b/)
  })
})
