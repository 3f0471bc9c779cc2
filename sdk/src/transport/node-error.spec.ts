import assert from "node:assert/strict"
import { NsmError } from "../core/errors.ts"
import { errno, fromNode } from "./node-error.ts"

describe("node errors", () => {
  const refused = Object.assign(new Error("connect ECONNREFUSED 192.0.2.1:1"), {
    code: "ECONNREFUSED",
  })

  it("become coded and keep Node's words and the cause", () => {
    const error = fromNode(refused, "dial tcp://192.0.2.1:1")
    assert.equal(error.reason, "PEER_UNREACHABLE")
    assert.equal(error.text, "dial tcp://192.0.2.1:1: connect ECONNREFUSED 192.0.2.1:1")
    assert.equal(errno(error.cause), "ECONNREFUSED")
  })

  it("of a name with several addresses tell what each met", () => {
    const timedOut = Object.assign(new Error("connect ETIMEDOUT ::1:1"), { code: "ETIMEDOUT" })
    const both = Object.assign(new AggregateError([refused, timedOut]), { code: "ECONNREFUSED" })
    const error = fromNode(both, "dial tcp://host:1")
    assert.equal(error.reason, "PEER_UNREACHABLE")
    assert.match(error.text, /ECONNREFUSED 192\.0\.2\.1:1, connect ETIMEDOUT/)
  })

  it("that are unknown are internal", () => {
    assert.equal(fromNode(new TypeError("x"), "dial").reason, "INTERNAL")
    assert.equal(fromNode("x", "dial").text, "dial: x")
  })

  it("that are coded already stay as they are", () => {
    const coded = new NsmError("INVALID_URL", "x")
    assert.equal(fromNode(coded, "dial"), coded)
  })
})
