import assert from "node:assert/strict"
import { NsmError } from "@nsm/sdk"
import { createVethPair } from "../interfaces/veth-pair.ts"
import { createNamespace } from "../namespace/create-namespace.ts"
import type { NetworkNamespace } from "../namespace/network-namespace.ts"
import type { Route } from "../links/route.ts"
import { kernelSuite } from "../testing/kernel-suite.ts"
import { findTunnelAddress } from "./tunnel-address.ts"

describe("findTunnelAddress", () => {
  const cleanup = kernelSuite()

  const node = async (routes: readonly Route[]): Promise<NetworkNamespace> => {
    const [home, outside] = [cleanup.use(createNamespace()), cleanup.use(createNamespace())]
    await createVethPair(
      { namespace: home, name: "inner", addresses: ["10.9.0.1/24"] },
      { namespace: outside, name: "a" },
    )
    const addresses = ["192.0.2.1/24", "2001:db8::1/64"]
    await createVethPair(
      { namespace: home, name: "eth0", addresses, routes, mtu: 1400 },
      { namespace: outside, name: "b" },
    )
    return home
  }

  it("takes the address of the interface that the default route leaves by", async () => {
    const home = await node([{ prefix: "0.0.0.0/0", gateway: "192.0.2.254" }, { prefix: "::/0" }])
    assert.deepEqual(findTunnelAddress(home), { ip: "192.0.2.1", linkMtu: 1400 })
  })

  it("takes an IPv6 address where only IPv6 has a default route", async () => {
    const home = await node([{ prefix: "::/0", gateway: "2001:db8::fe" }])
    assert.deepEqual(findTunnelAddress(home), { ip: "2001:db8::1", linkMtu: 1400 })
  })

  it("finds none where no route leads out", async () => {
    assert.equal(findTunnelAddress(await node([])), undefined)
  })

  it("takes the address that it is told, however it is written", async () => {
    const home = await node([])
    assert.deepEqual(findTunnelAddress(home, { ip: "10.9.0.1" }), { ip: "10.9.0.1", linkMtu: 1500 })
    const long = "2001:0db8:0:0::0001"
    assert.deepEqual(findTunnelAddress(home, { ip: long }), { ip: "2001:db8::1", linkMtu: 1400 })
  })

  it("refuses an address that the node does not have, and names those that it has", async () => {
    const home = await node([])
    assert.throws(
      () => findTunnelAddress(home, { ip: "198.51.100.7" }),
      (error: unknown) =>
        error instanceof NsmError &&
        error.reason === "INVALID_CONFIGURATION" &&
        /198\.51\.100\.7.*10\.9\.0\.1, 192\.0\.2\.1/.test(error.text),
    )
  })
})
