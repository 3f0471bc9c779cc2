import assert from "node:assert/strict"
import fc from "fast-check"
import { NsmError } from "../core/errors.ts"
import { decodeToken } from "./decode-token.ts"

const part = (value: unknown): string =>
  Buffer.from(typeof value === "string" ? value : JSON.stringify(value)).toString("base64url")
const es256 = { alg: "ES256", typ: "JWT" }
const token = (claims: unknown, header: unknown = es256, signature = "c2ln"): string =>
  `${part(header)}.${part(claims)}.${signature}`

describe("decodeToken", () => {
  const sub = "spiffe://nsm.local/nsc"
  const aud = ["spiffe://nsm.local/nsmgr"]

  it("reads who made it, for whom, and until when", () => {
    assert.deepEqual(decodeToken(token({ sub, aud, exp: 1_767_225_600 })), {
      subject: sub,
      audience: aud,
      expiresAt: 1_767_225_600_000,
    })
  })

  it("reads tokens for nobody in particular and without end", () => {
    assert.deepEqual(decodeToken(token({ sub })), {
      subject: sub,
      audience: undefined,
      expiresAt: undefined,
    })
  })

  it("tells a text as audience from a list", () => {
    assert.equal(decodeToken(token({ sub, aud: "one" })).audience, "one")
    assert.deepEqual(decodeToken(token({ sub, aud: [] })).audience, [])
  })

  const right = token({ sub, aud, exp: 1 })
  const cases: readonly (readonly [what: string, token: string, why: RegExp])[] = [
    ["nothing", "", /it is empty/],
    ["what is far too long", right + "A".repeat(16_384), /more than 16384 characters/],
    ["a text without dots", "token", /malformed/],
    ["a token cut in the middle", right.slice(0, right.indexOf(".") + 5), /malformed/],
    ["a token cut in its signature", right.slice(0, right.lastIndexOf(".") + 1), /signature/],
    ["more than three parts", `${right}.AAAA`, /payload/],
    ["other characters than base64url's", right.replace(".", ".="), /payload/],
    ["a header that is no JSON", token({ sub }, "{"), /header/],
    ["a header that is no object", token({ sub }, "7"), /header/],
    ["claims that are no JSON", token("{", es256), /payload/],
    ["claims that are no object", token([sub]), /payload/],
    ["no algorithm", token({ sub }, { typ: "JWT" }), /not ES256/],
    ["the algorithm none", token({ sub }, { alg: "none" }), /not ES256/],
    ["the algorithm none, unsigned", token({ sub }, { alg: "none" }, ""), /not ES256/],
    ["another algorithm", token({ sub }, { alg: "HS256" }), /not ES256/],
    ["no subject", token({ aud }), /sub/],
    ["a subject that is no text", token({ sub: 7 }), /sub/],
    ["an audience of numbers", token({ sub, aud: [7] }), /aud/],
    ["an audience that is an object", token({ sub, aud: {} }), /aud/],
    ["an end that is a text", token({ sub, exp: "1767225600" }), /exp/],
    ["an end beyond all dates", token({ sub, exp: 1e13 }), /exp/],
  ]
  for (const [what, given, why] of cases) {
    it(`refuses ${what} with a reason`, () => {
      assert.throws(
        () => decodeToken(given),
        ({ reason, text }: NsmError) => reason === "TOKEN_INVALID" && why.test(text),
      )
    })
  }

  it("survives everything, and quotes nothing of it", () => {
    const anything = fc.oneof(
      fc.string({ unit: "binary", maxLength: 2000 }),
      fc.tuple(fc.json(), fc.json(), fc.base64String()).map(([a, b, c]) => token(b, a, c)),
      fc.record({ sub: fc.anything(), aud: fc.anything(), exp: fc.anything() }).map(tokenOf),
    )
    fc.assert(fc.property(anything, survives))
  })
})

function tokenOf(claims: object): string {
  try {
    return token(claims)
  } catch {
    // BigInt and circles have no JSON.
    return ""
  }
}

function survives(given: string): void {
  try {
    const { subject } = decodeToken(given)
    assert.notEqual(subject, "")
  } catch (thrown) {
    assert.ok(thrown instanceof NsmError && thrown.reason === "TOKEN_INVALID", String(thrown))
    assert.equal(thrown.cause, undefined)
    const longParts = given.split(".").filter((each) => each.length > 12)
    for (const each of longParts) assert.ok(!thrown.message.includes(each), thrown.message)
  }
}
