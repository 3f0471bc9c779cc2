import assert from "node:assert/strict"
import { sessionDirectory } from "./directory.ts"

describe("session directory", () => {
  it("keeps socket paths short enough for the kernel", () => {
    const longest = sessionDirectory("n".repeat(40))
    assert.ok(Buffer.byteLength(`${longest.path}/forwarder-node-1.http.sock`) <= 107)
  })
})
