import assert from "node:assert/strict"
import { causes, codeNumbers, NsmError, rootCause } from "./errors.ts"
import { reasons } from "./reasons.ts"

describe("NsmError", () => {
  it("says reason, place and text, and keeps them apart", () => {
    const error = new NsmError("LINK_NOT_FOUND", "nsm-1 is gone", { hop: "fwd", element: "mtu" })
    assert.equal(error.message, "LINK_NOT_FOUND: [fwd/mtu] nsm-1 is gone")
    assert.equal(error.text, "nsm-1 is gone")
    assert.equal(error.code, "NOT_FOUND")
    assert.equal(new NsmError("CANCELLED", "given up").message, "CANCELLED: given up")
  })

  it("knows what to do about it", () => {
    assert.equal(new NsmError("CONNECTION_NOT_FOUND", "unknown").remedy, "Request it first.")
    const own = new NsmError("PEER_UNREACHABLE", "nobody is there", { remedy: "Call later." })
    assert.equal(own.inHop("nsc").remedy, "Call later.")
    assert.equal(NsmError.from(new SuppressedError(undefined, own)).remedy, "Call later.")
  })

  it("takes another status than that of its reason", () => {
    assert.equal(new NsmError("PEER_FAILED", "no", { code: "ABORTED" }).code, "ABORTED")
  })

  it("keeps the place where it arose, and everything else, on its way out", () => {
    const cause = new Error("below")
    const error = new NsmError("PEER_FAILED", "no", { cause, code: "ABORTED" })
    const out = error.inElement("inner").inElement("outer").inHop("fwd").inHop("mgr")
    assert.equal(out.element, "inner")
    assert.equal(out.hop, "fwd")
    assert.equal(out.cause, cause)
    assert.equal(out.code, "ABORTED")
    assert.equal(out.stack, error.stack)
  })

  it("does not put an element of this process to an error of another", () => {
    const error = new NsmError("PEER_FAILED", "no", { hop: "fwd" }).inElement("connect")
    assert.equal(error.element, undefined)
  })
})

describe("NsmError.from", () => {
  it("gives an NsmError back as it is", () => {
    const error = new NsmError("CANCELLED", "given up")
    assert.equal(NsmError.from(error), error)
  })

  it("takes an error's message and keeps the error as cause", () => {
    const thrown = new TypeError("x is undefined")
    const error = NsmError.from(thrown)
    assert.equal(error.reason, "INTERNAL")
    assert.equal(error.text, "x is undefined")
    assert.equal(error.cause, thrown)
    assert.equal(NsmError.from(thrown, "PEER_FAILED").reason, "PEER_FAILED")
  })

  it("finds why something was aborted", () => {
    assert.equal(NsmError.from(AbortSignal.abort().reason).reason, "CANCELLED")
    const cause = new NsmError("DEADLINE_EXCEEDED", "late")
    const aborted = Object.assign(new Error("aborted", { cause }), { name: "AbortError" })
    assert.equal(NsmError.from(aborted), cause)
  })

  it("takes whatever is thrown", () => {
    assert.equal(NsmError.from("text").text, "text")
    assert.equal(NsmError.from(undefined).text, "undefined")
  })
})

describe("causes", () => {
  it("are side by side where several candidates failed", () => {
    const [one, two] = [new NsmError("PEER_UNREACHABLE", "1"), new NsmError("PEER_FAILED", "2")]
    const error = new NsmError("ALL_CANDIDATES_FAILED", "all", {
      cause: new AggregateError([one, two]),
    })
    assert.deepEqual(causes(error), [one, two])
    assert.equal(rootCause(error), two)
  })

  it("are one after the other elsewhere", () => {
    const root = new NsmError("ADDRESSES_EXHAUSTED", "no address", { cause: new Error("low") })
    const middle = new NsmError("PEER_FAILED", "no", { cause: root })
    const error = new NsmError("PEER_FAILED", "no", { cause: middle })
    assert.deepEqual(causes(error), [middle])
    assert.equal(rootCause(error), root)
  })

  it("are none for what has none", () => {
    assert.deepEqual(causes(new Error("alone")), [])
    assert.deepEqual(causes("text"), [])
    const alone = new NsmError("CANCELLED", "given up")
    assert.equal(rootCause(alone), alone)
  })
})

describe("reasons", () => {
  it("have a status that gRPC knows", () => {
    for (const [reason, [code]] of Object.entries(reasons)) assert.ok(codeNumbers[code], reason)
  })
})
