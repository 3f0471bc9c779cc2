import assert from "node:assert/strict"
import { sessionDirectory } from "./directory.ts"
import { socketPath } from "./socket-path.ts"

describe("socketPath", () => {
  it("takes what the kernel takes, and no more", () => {
    assert.equal(socketPath("/tmp", "a.sock"), "/tmp/a.sock")
    assert.equal(socketPath("/", "a".repeat(106)).length, 107)
    const refusal = { reason: "INVALID_CONFIGURATION", remedy: /TMPDIR/ }
    assert.throws(() => socketPath("/", "a".repeat(107)), refusal)
    assert.throws(() => socketPath("/", "ü".repeat(54)), refusal)
  })

  it("has place for ordinary names in the usual folder", () => {
    const { path } = sessionDirectory("n".repeat(20))
    socketPath(path, `forwarder-${"n".repeat(30)}.http.sock`)
  })
})
