import assert from "node:assert/strict"
import fc from "fast-check"
import { NsmError } from "../core/errors.ts"
import { parsePathRecord, type PathRecord } from "./path-record.ts"
import { verifyPathRecord } from "./verify-path-record.ts"

const record: PathRecord = {
  version: 1,
  takenAt: "2026-01-01T00:00:00.000Z",
  connection: { id: "nsc-0", networkService: "icmp" },
  hops: [
    { name: "nsc", id: "nsc-0", token: "a.b.c", certificates: "pem" },
    { name: "nse", id: "u1", token: "", certificates: "", missing: "gone" },
  ],
  trustDomains: ["nsm.local"],
}

describe("record of a path", () => {
  it("is read as it was written, and with what later versions add", () => {
    assert.deepEqual(parsePathRecord(JSON.stringify(record)), record)
    const more = { ...record, more: 1, hops: record.hops.map((hop) => ({ ...hop, more: 1 })) }
    assert.deepEqual(parsePathRecord(JSON.stringify(more)), record)
  })

  const [hop] = record.hops
  const cases: readonly (readonly [what: string, text: string, why: RegExp])[] = [
    ["JSON", "token", /no JSON/],
    ["an object", "[]", /no object/],
    ["of a version that is known", JSON.stringify({ ...record, version: 2 }), /version is not 1/],
    ["of any time", JSON.stringify({ ...record, takenAt: "soon" }), /takenAt/],
    ["of any connection", JSON.stringify({ ...record, connection: null }), /connection/],
    ["of hops", JSON.stringify({ ...record, hops: {} }), /hops is no list/],
    ["of whole hops", JSON.stringify({ ...record, hops: [hop, { name: "x" }] }), /hops\[1\]\.id/],
    ["of trust domains", JSON.stringify({ ...record, trustDomains: [7] }), /trustDomains/],
    ["of bearable size", JSON.stringify({ ...record, filling: "x".repeat(2 ** 20) }), /1048576/],
  ]
  for (const [what, text, why] of cases) {
    it(`is refused with a reason when it is not ${what}`, () => {
      assert.throws(
        () => parsePathRecord(text),
        ({ reason, text: said, cause }: NsmError) =>
          reason === "MALFORMED_MESSAGE" && why.test(said) && cause === undefined,
      )
    })
  }

  it("survives everything", () => {
    const hops = fc.array(
      fc.record({
        name: fc.string(),
        id: fc.string(),
        token: fc.string({ unit: "binary" }),
        certificates: fc.oneof(fc.string(), fc.base64String().map(pem)),
      }),
      { maxLength: 4 },
    )
    const shaped = fc.tuple(hops, fc.date({ noInvalidDate: true }))
    fc.assert(
      fc.property(shaped, ([given, takenAt]) => {
        const text = JSON.stringify({ ...record, takenAt: takenAt.toISOString(), hops: given })
        const verdicts = verifyPathRecord(parsePathRecord(text), new Map())
        assert.ok(verdicts.every(({ problems }) => problems.length > 0))
      }),
    )
    fc.assert(
      fc.property(fc.json(), (text) => {
        try {
          parsePathRecord(text)
        } catch (thrown) {
          assert.ok(thrown instanceof NsmError && thrown.reason === "MALFORMED_MESSAGE")
        }
      }),
    )
  })
})

function pem(base64: string): string {
  return `-----BEGIN CERTIFICATE-----\n${base64}\n-----END CERTIFICATE-----\n`
}
