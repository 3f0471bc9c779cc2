import assert from "node:assert/strict"
import { create } from "@bufbuild/protobuf"
import { timestampFromMs } from "@bufbuild/protobuf/wkt"
import { type Connection, ConnectionSchema } from "@nsm/api"
import { NsmError } from "@nsm/sdk"
import { wantedWires } from "./service-urls.ts"
import { Wire } from "./wire.ts"

function wire(): Wire {
  const [wanted] = wantedWires.parse("kernel://icmp/nsm-1")
  assert.ok(wanted)
  return new Wire("nsc", 0, wanted)
}

function connection(serverInterfaces: readonly string[], expiresAt = 2000): Connection {
  return create(ConnectionSchema, {
    id: "nsc-0",
    networkServiceEndpointName: "nse-1",
    mechanism: { type: "KERNEL", parameters: { name: "nsm-1" } },
    path: {
      pathSegments: serverInterfaces.map((server_interface, index) => ({
        name: `hop-${index}`,
        expires: timestampFromMs(expiresAt + index),
        metrics: { server_interface },
      })),
    },
    context: { MTU: 1450, ipContext: { srcIpAddrs: ["10.0.0.1/32"], dstIpAddrs: ["10.0.0.0/32"] } },
  })
}

describe("Wire", () => {
  it("is requesting until it is granted, then up, and down once it has expired", () => {
    const one = wire()
    assert.equal(one.status(0).state, "requesting")
    one.granted(connection(["KERNEL/a"]))
    assert.equal(one.status(1999).state, "up")
    assert.equal(one.status(2000).state, "down")
    one.closed()
    assert.equal(one.status(0).state, "requesting")
  })

  it("is healing from when it is lost until it is back, whatever is granted meanwhile", () => {
    const one = wire()
    one.granted(connection(["KERNEL/a"]))
    one.lost()
    assert.equal(one.status(0).state, "healing")
    one.closed()
    assert.equal(one.status(0).state, "healing")
    one.granted(connection(["KERNEL/a"]))
    one.healed()
    assert.equal(one.status(0).state, "up")
  })

  it("tells addresses, MTU, interface and hops", () => {
    const one = wire()
    one.granted(connection(["KERNEL/a", "KERNEL/b"]))
    assert.partialDeepStrictEqual(one.status(0), {
      endpoint: "nse-1",
      interface: "nsm-1",
      mechanism: "KERNEL",
      path: ["hop-0", "hop-1"],
      addresses: { client: ["10.0.0.1/32"], endpoint: ["10.0.0.0/32"] },
      mtu: 1450,
    })
  })

  it("names the mechanism that crosses the nodes", () => {
    const one = wire()
    one.granted(connection(["KERNEL/a", "VXLAN/x", "KERNEL/b"]))
    assert.equal(one.status(0).mechanism, "VXLAN")
  })

  it("keeps what failed last, with causes and remedy, until a request succeeds", () => {
    const one = wire()
    const cause = new NsmError("ADDRESSES_EXHAUSTED", "10.0.0.0/31 is full", { hop: "nse-1" })
    one.failed(new NsmError("ALL_CANDIDATES_FAILED", "1 was tried", { hop: "fwd", cause }))
    const { error, lastError } = one.status(0)
    assert.match(error ?? "", /^ALL_CANDIDATES_FAILED: \[fwd\] 1 was tried because of ADDRESSES/)
    assert.match(error ?? "", /\[nse-1\] 10\.0\.0\.0\/31 is full \(Widen/)
    assert.equal(lastError?.causes?.[0]?.hop, "nse-1")
    one.granted(connection([]))
    assert.equal(one.status(0).error, undefined)
  })
})
