import assert from "node:assert/strict"
import { fixedIdentity } from "@nsm/sdk/testing"
import { checks } from "./checks.ts"
import { credentialsOf } from "./credentials.ts"
import { startNextHop } from "./next-hop.ts"
import { examine, type Result } from "./result.ts"
import { strangerTo } from "./stranger.ts"
import { Subject } from "./subject.ts"

describe("an endpoint that grants whatever it is asked", function () {
  this.timeout(60_000)
  let results: ReadonlyMap<string, Result>

  before(async () => {
    const caller = await fixedIdentity({ id: "spiffe://nsm.local/caller" })
    const { authority } = caller
    const server = await fixedIdentity({ id: "spiffe://nsm.local/server", authority })
    const as = credentialsOf(caller.current)
    const hop = { place: "127.0.0.1", as: credentialsOf(server.current), callerId: as.id }
    await using endpoint = await startNextHop(hop)
    using subject = await Subject.at({
      ...{ role: "nse", address: endpoint.url, as, stranger: await strangerTo(as) },
      ...{ place: "127.0.0.1", service: "anything" },
    })
    const report = await examine(
      subject,
      // Those that wait long for what never comes are left out.
      checks.filter(({ id }) => !id.startsWith("monitor-")),
    )
    results = new Map(report.results.map((result) => [result.id, result]))
  })

  const verdictOf = (id: string): string => results.get(id)?.verdict ?? "missing"

  it("is told so where it is asked with tokens that prove nothing", () => {
    for (const fault of ["none", "no-token", "truncated", "ended", "other-key", "text-audience"]) {
      assert.equal(verdictOf(`token-${fault}`), "fail", fault)
    }
  })

  it("is told so where paths contradict themselves", () => {
    assert.equal(verdictOf("request-id-differs"), "fail")
    assert.equal(verdictOf("request-index-beyond"), "fail")
    assert.equal(verdictOf("token-previous"), "fail")
  })

  it("is told that it serves no health", () => {
    assert.equal(verdictOf("grpc-health"), "fail")
    assert.match(results.get("grpc-health")?.seen ?? "", /UNIMPLEMENTED/)
  })

  it("passes where it does what it should", () => {
    for (const id of ["tls-version", "tls-svid", "token-form", "token-signature", "close-known"]) {
      assert.equal(verdictOf(id), "pass", `${id}: ${results.get(id)?.seen}`)
    }
  })

  it("is not judged where nobody has what it takes", () => {
    assert.equal(verdictOf("token-replayed"), "not applicable")
    assert.equal(verdictOf("tls-expired"), "not applicable")
  })
})

describe("the checks", () => {
  it("have ids of their own", () => {
    assert.equal(new Set(checks.map(({ id }) => id)).size, checks.length)
  })
})
