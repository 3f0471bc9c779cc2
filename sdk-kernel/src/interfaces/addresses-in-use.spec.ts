import assert from "node:assert/strict"
import { FakeClock } from "@nsm/sdk/testing"
import { Addresses } from "../links/addresses.ts"
import { Links } from "../links/links.ts"
import { createNamespace } from "../namespace/create-namespace.ts"
import { requirePrivilege } from "../testing/require-privilege.ts"
import { addressesInUse } from "./addresses-in-use.ts"

describe("addressesInUse", () => {
  before(function () {
    requirePrivilege(this)
  })

  it("waits for the addresses that the kernel was given", async () => {
    using namespace = createNamespace()
    const link = new Links(namespace).createBridge({ name: "br0" })
    new Links(namespace).change("br0", { isUp: true })
    for (const address of ["192.0.2.1/32", "2001:db8::1/64"]) {
      new Addresses(namespace).add(link, address)
    }
    await addressesInUse(namespace, ["192.0.2.1/32", "2001:db8::1/64"])
  })

  it("gives up on an address that does not come", async () => {
    using namespace = createNamespace()
    const clock = new FakeClock()
    const waiting = assert.rejects(
      addressesInUse(namespace, ["2001:db8::7/128"], { clock, timeoutMs: 100 }),
      /KERNEL_REFUSED.*2001:db8::7\/128 after 100 ms/,
    )
    await clock.advance(200)
    await waiting
    assert.equal(clock.pending, 0)
  })
})
