import assert from "node:assert/strict"
import { causes, NsmError } from "@nsm/sdk"
import { describeError, type ErrorDescription } from "@nsm/sdk/daemon"
import { toldError } from "./told-error.ts"

describe("toldError", () => {
  const cross = (error: NsmError): NsmError =>
    toldError(JSON.parse(JSON.stringify(describeError(error))) as ErrorDescription)

  it("keeps what was wrong, where, what to do, and all that led to it", () => {
    const cause = new NsmError("PEER_UNREACHABLE", "nobody answers", { hop: "registry" })
    const own = { hop: "playground", element: "retry", remedy: "Wait.", cause }
    const told = cross(new NsmError("DEADLINE_EXCEEDED", "too late", own))
    assert.equal(told.message, "DEADLINE_EXCEEDED: [playground/retry] too late")
    assert.equal(told.remedy, "Wait.")
    assert.deepEqual(
      causes(told).map((one) => (one as NsmError).message),
      ["PEER_UNREACHABLE: [registry] nobody answers"],
    )
  })

  it("keeps several causes side by side", () => {
    const both = [new NsmError("CANCELLED", "one"), new NsmError("CANCELLED", "two")]
    const cause = new AggregateError(both, "both")
    assert.equal(causes(cross(new NsmError("INTERNAL", "failed", { cause }))).length, 2)
  })

  it("takes a reason that it does not know for one of a peer", () => {
    assert.equal(toldError({ text: "strange" }).reason, "PEER_FAILED")
  })
})
