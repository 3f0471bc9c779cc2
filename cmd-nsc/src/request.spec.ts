import assert from "node:assert/strict"
import { create } from "@bufbuild/protobuf"
import { type Connection, ConnectionSchema, State } from "@nsm/api"
import { requestFor } from "./request.ts"
import { wantedWires } from "./service-urls.ts"
import { Wire } from "./wire.ts"

function wire(url: string): Wire {
  const [wanted] = wantedWires.parse(url)
  assert.ok(wanted)
  return new Wire("nsc", 0, wanted)
}

const earlier: Connection = create(ConnectionSchema, {
  id: "at-the-manager",
  networkService: "web",
  networkServiceEndpointName: "nse-1",
  payload: "ETHERNET",
  mechanism: {
    cls: "LOCAL",
    type: "KERNEL",
    parameters: { name: "web-aB3", inodeURL: "inode://4/5" },
  },
  path: {
    index: 1,
    pathSegments: [
      { name: "nsc", id: "nsc-0" },
      { name: "nsmgr", id: "x" },
    ],
  },
  context: { ipContext: { srcIpAddrs: ["10.0.0.1/32"] } },
})

describe("requestFor", () => {
  it("asks anew where there was nothing before, or another service", () => {
    for (const before of [undefined, { ...earlier, networkService: "db" }]) {
      const { connection, mechanismPreferences } = requestFor(wire("kernel://web/nsm-1"), before)
      assert.equal(connection?.id, "nsc-0")
      assert.equal(connection.path, undefined)
      assert.deepEqual(mechanismPreferences[0]?.parameters, { name: "nsm-1" })
    }
  })

  it("goes on with path, endpoint, addresses and interface of an earlier connection", () => {
    const { connection, mechanismPreferences } = requestFor(wire("kernel://web"), earlier)
    assert.equal(connection?.networkServiceEndpointName, "nse-1")
    assert.equal(connection.path?.index, 0)
    assert.deepEqual(
      connection.path.pathSegments.map(({ id }) => id),
      ["nsc-0", "x"],
    )
    assert.deepEqual(connection.context?.ipContext?.srcIpAddrs, ["10.0.0.1/32"])
    assert.deepEqual(mechanismPreferences[0]?.parameters, { name: "web-aB3" })
  })

  it("takes the interface that is wanted now", () => {
    const { mechanismPreferences } = requestFor(wire("kernel://web/nsm-9"), earlier)
    assert.deepEqual(mechanismPreferences[0]?.parameters, { name: "nsm-9" })
  })

  it("lets go of the endpoint of one that is lost, not of the addresses", () => {
    const { connection } = requestFor(wire("kernel://web"), earlier, { reselects: true })
    assert.equal(connection?.state, State.RESELECT_REQUESTED)
    assert.equal(connection.networkServiceEndpointName, "")
    assert.deepEqual(connection.context?.ipContext?.srcIpAddrs, ["10.0.0.1/32"])
  })
})
