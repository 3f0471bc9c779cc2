import assert from "node:assert/strict"
import type { NsmError } from "../core/errors.ts"
import { publicUrl } from "./public-url.ts"

describe("publicUrl", () => {
  const loopback = { address: "127.0.0.1", family: "IPv4", internal: true }
  const linkLocal = { address: "fe80::1", family: "IPv6", internal: false }
  const global = { address: "2001:db8::1", family: "IPv6", internal: false }
  const uniqueLocal = { address: "fd00::1", family: "IPv6", internal: false }
  const first = { address: "192.0.2.1", family: "IPv4", internal: false }
  const second = { address: "192.0.2.2", family: "IPv4", internal: false }

  it("puts the first IPv4 address that is not loopback for all addresses", () => {
    const addresses = [loopback, global, first, second]
    for (const host of ["", "0.0.0.0", "[::]"]) {
      assert.equal(publicUrl(`tcp://${host}:5001`, addresses), "tcp://192.0.2.1:5001", host)
    }
  })

  it("puts a global IPv6 address where there is no IPv4", () => {
    const addresses = [loopback, linkLocal, global]
    assert.equal(publicUrl("tcp://:5001", addresses), "tcp://[2001:db8::1]:5001")
    assert.equal(publicUrl("tcp://:5001", [linkLocal, uniqueLocal]), "tcp://[fd00::1]:5001")
  })

  it("leaves a URL that names its host", () => {
    assert.equal(publicUrl("tcp://198.51.100.7:5001", [first]), "tcp://198.51.100.7:5001")
    assert.equal(publicUrl("unix:///run/nsm.sock", [first]), "unix:///run/nsm.sock")
  })

  it("fails when nobody could reach it", () => {
    assert.throws(
      () => publicUrl("tcp://:5001", [loopback, linkLocal]),
      (error: NsmError) => error.reason === "INVALID_CONFIGURATION",
    )
  })
})
