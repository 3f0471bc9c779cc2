import assert from "node:assert/strict"
import type { NsmError } from "../core/errors.ts"
import { type Address, formatAddress, parseAddress } from "./address.ts"

describe("address", () => {
  const addresses: Record<string, Address> = {
    "unix:///var/lib/networkservicemesh/nsm.io.sock": {
      kind: "unix",
      path: "/var/lib/networkservicemesh/nsm.io.sock",
    },
    "tcp://192.0.2.1:5001": { kind: "tcp", host: "192.0.2.1", port: 5001 },
    "tcp://[2001:db8::1]:5001": { kind: "tcp", host: "2001:db8::1", port: 5001 },
    "tcp://registry.nsm-system:0": { kind: "tcp", host: "registry.nsm-system", port: 0 },
    "tcp://:5001": { kind: "tcp", host: "", port: 5001 },
  }
  for (const [url, address] of Object.entries(addresses)) {
    it(`reads and writes ${url}`, () => {
      assert.deepEqual(parseAddress(url), address)
      assert.equal(formatAddress(address), url)
    })
  }

  it("reads a host and port without a scheme, as peers are configured with", () => {
    const expected = { kind: "tcp", host: "registry", port: 5002 }
    assert.deepEqual(parseAddress("registry:5002"), expected)
  })

  it("takes what follows a # for no part of a socket's path", () => {
    const expected = { kind: "unix", path: "/proc/1/fd/7" }
    assert.deepEqual(parseAddress("unix:///proc/1/fd/7#3"), expected)
    const file = { ...expected, inode: "26/1234" }
    assert.deepEqual(parseAddress("unix:///proc/1/fd/7#3@26/1234"), file)
  })

  const wrong = [
    "",
    "unix://relative",
    `unix:///run/${"x".repeat(104)}`,
    "tcp://host",
    "tcp://host:65536",
    "tcp://host:x",
    "tcp://[192.0.2.1]:1",
    "tcp://2001:db8::1:5001",
    "http://host:1",
    "tcp://user@host/path:1",
  ]
  for (const url of wrong) {
    it(`refuses "${url}" and says how to write it`, () => {
      assert.throws(
        () => parseAddress(url),
        (error: NsmError) => error.reason === "INVALID_URL" && error.text.includes(`"${url}"`),
      )
    })
  }
})
