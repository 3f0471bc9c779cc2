import assert from "node:assert/strict"
import type { Log } from "../core/log.ts"
import { NsmError } from "../core/errors.ts"
import { silentLog } from "../core/log.ts"
import { verifiedTokens } from "../identity/verified-tokens.ts"
import { testCall } from "../testing/call.ts"
import { FakeClock } from "../testing/fake-clock.ts"
import { fixedIdentity } from "../testing/fixed-identity.ts"
import { jwt } from "../testing/jwt.ts"
import { tokensExpired } from "./built-in/tokens-expired.ts"
import { prevTokenSigned } from "./built-in/prev-token-signed.ts"
import { policies, type PoliciesOptions } from "./policies.ts"
import { allowed, type Policy } from "./policy.ts"
import { type PolicyRecord, questionFrom } from "./record.ts"

const yes: Policy = { name: "yes", evaluate: () => allowed }
const no: Policy = {
  name: "no",
  evaluate: async () => ({
    isAllowed: false,
    rule: "it is so",
    why: "it is not",
    remedy: "make it so",
  }),
}
const broken: Policy = {
  name: "broken",
  evaluate() {
    throw new Error("out of order")
  },
}

describe("policies", () => {
  let decisions: string[]
  const clock = new FakeClock()
  const make = (list: readonly Policy[], options: Partial<PoliciesOptions> = {}) =>
    policies({
      point: "server",
      policies: list,
      verifier: verifiedTokens({ clock }),
      onDecision: (policy, decision) => void decisions.push(`${policy} ${decision}`),
      ...options,
    })
  beforeEach(() => {
    decisions = []
  })

  it("allow what all of them allow", async () => {
    await make([yes, yes]).check({}, undefined, testCall())
    assert.deepEqual(decisions, ["yes allowed", "yes allowed"])
  })

  it("deny what one denies, and ask no other", async () => {
    await assert.rejects(make([yes, no, yes]).check({}, undefined, testCall()), {
      reason: "PERMISSION_DENIED",
      code: "PERMISSION_DENIED",
      text: "policy no asks that it is so: it is not; make it so; no sufficient privileges",
      remedy: "Make it so.",
    })
    assert.deepEqual(decisions, ["yes allowed", "no denied"])
  })

  it("deny where one cannot be evaluated", async () => {
    await assert.rejects(make([broken]).check({}, undefined, testCall()), {
      reason: "POLICY_FAILED",
      code: "INTERNAL",
      text: "policy broken could not be evaluated: out of order",
    })
    assert.deepEqual(decisions, ["broken failed"])
  })

  it("fail with the caller's reason when it gave up meanwhile", async () => {
    const controller = new AbortController()
    const patient: Policy = {
      name: "patient",
      async evaluate() {
        controller.abort(new NsmError("CANCELLED", "given up"))
        throw new Error("aborted")
      },
    }
    const call = testCall({ signal: controller.signal })
    await assert.rejects(make([patient]).check({}, undefined, call), { text: "given up" })
    assert.deepEqual(decisions, [])
  })

  it("only report what a policy on trial would deny or cannot say", async () => {
    const warnings: unknown[] = []
    const log: Log = { ...silentLog, warn: (_, fields) => void warnings.push(fields) }
    const isDryRun = (name: string): boolean => name !== "yes"
    await make([no, broken, yes], { isDryRun }).check({}, undefined, testCall({ log }))
    assert.deepEqual(decisions, ["no would-deny", "broken would-fail", "yes allowed"])
    assert.equal(warnings.length, 2)
  })

  it("record what was asked and answered, so that it can be asked again", async () => {
    const records: PolicyRecord[] = []
    const { current } = await fixedIdentity({ id: "spiffe://nsm.local/nsc", clock })
    const { id: sub, privateKey: key, certificates } = current.svid
    const exp = clock.now() / 1000 + 60
    const tokens = [jwt({ sub, exp }, { key }), jwt({ sub: "own", exp: 1 }), "secret"]
    const subject = { index: 1, path_segments: tokens.map((token) => ({ name: "hop", token })) }
    const peer = { address: "test", certificate: certificates[0] }
    const asking = make([prevTokenSigned, tokensExpired], {
      record: (one) => void records.push(one),
    })
    await assert.rejects(asking.check(subject, peer, testCall({ clock })), {
      code: "PERMISSION_DENIED",
    })

    const [record] = records.map((each) => JSON.parse(JSON.stringify(each)) as PolicyRecord)
    assert.ok(record)
    const text = JSON.stringify(record)
    for (const token of tokens) assert.ok(!text.includes(token.slice(token.lastIndexOf(".") + 1)))
    assert.equal(record.verdict, "denied")
    assert.match(record.why ?? "", /tokens_expired/)
    assert.equal(record.time, new Date(clock.now()).toISOString())
    assert.equal(record.input.auth_info.certificate, certificates[0].toString())
    const question = questionFrom(record)
    assert.deepEqual(await prevTokenSigned.evaluate(question), allowed)
    assert.equal((await tokensExpired.evaluate(question)).isAllowed, false)
    const stolen = { ...record, signedByPeer: [] }
    assert.equal((await prevTokenSigned.evaluate(questionFrom(stolen))).isAllowed, false)
  })
})
