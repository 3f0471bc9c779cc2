import assert from "node:assert/strict"
import fc from "fast-check"
import { NsmError } from "../core/errors.ts"
import { decodePath, emptyPath, encodePath } from "./registry-path.ts"

describe("path of a registration", () => {
  it("is written as Go writes it", () => {
    assert.equal(encodePath(emptyPath), '{"Index":0,"PathSegments":null}')
    assert.equal(
      encodePath({ index: 1, tokens: ["a.b.c", "d.e.f"] }),
      '{"Index":1,"PathSegments":[{"token":"a.b.c"},{"token":"d.e.f"}]}',
    )
  })

  it("is read as it was written", () => {
    const token = fc.base64String().map((text) => text.replaceAll("=", "."))
    const path = fc
      .tuple(fc.nat(), fc.array(token, { maxLength: 9 }))
      .map(([at, tokens]) => ({ index: tokens.length && at % tokens.length, tokens }))
    fc.assert(fc.property(path, (given) => assert.deepEqual(decodePath(encodePath(given)), given)))
  })

  it("may lack what is zero or empty", () => {
    assert.deepEqual(decodePath("{}"), emptyPath)
    assert.deepEqual(decodePath('{"PathSegments":[]}'), emptyPath)
    assert.deepEqual(decodePath('{"PathSegments":[{}]}'), { index: 0, tokens: [""] })
  })

  const segments = (count: number): string =>
    JSON.stringify(Array.from({ length: count }, () => ({ token: "a" })))
  const cases: readonly (readonly [what: string, header: string, why: RegExp])[] = [
    ["nothing", "", /no JSON object/],
    ["what is no JSON", "{Index:0}", /no JSON object/],
    ["JSON that is no object", "[]", /no JSON object/],
    ["JSON's null", "null", /no JSON object/],
    ["what is far too long", JSON.stringify({ filling: "x".repeat(262_144) }), /262144 characters/],
    ["too many hops", `{"PathSegments":${segments(257)}}`, /more than 256/],
    ["a negative place", `{"Index":-1,"PathSegments":${segments(1)}}`, /whole number/],
    ["a place that is no number", `{"Index":"0","PathSegments":${segments(1)}}`, /whole number/],
    ["a place between hops", `{"Index":0.5,"PathSegments":${segments(1)}}`, /whole number/],
    ["a place behind the last hop", `{"Index":2,"PathSegments":${segments(2)}}`, /Index 2, but 2/],
    ["a place on an empty path", `{"Index":1,"PathSegments":null}`, /Index 1, but 0/],
    ["hops that are no list", `{"PathSegments":{"0":{"token":"a"}}}`, /no list/],
    ["a hop that is null", `{"PathSegments":[null]}`, /no token in segment 0/],
    ["a token that is no text", `{"PathSegments":[{"token":"a"},{"token":7}]}`, /segment 1/],
    ["a token that no header carries", `{"PathSegments":[{"token":"\\u00e4"}]}`, /segment 0/],
  ]
  for (const [what, header, why] of cases) {
    it(`is not ${what}`, () => {
      assert.throws(
        () => decodePath(header),
        ({ reason, text }: NsmError) => reason === "PATH_INVALID" && why.test(text),
      )
    })
  }

  it("survives everything, and quotes nothing of it", () => {
    const anything = fc.oneof(
      fc.string({ unit: "binary" }),
      fc.json(),
      fc
        .record({ Index: fc.jsonValue(), PathSegments: fc.array(fc.jsonValue(), { maxLength: 3 }) })
        .map((path) => JSON.stringify(path)),
    )
    fc.assert(
      fc.property(anything, (header) => {
        try {
          assert.deepEqual(decodePath(encodePath(decodePath(header))), decodePath(header))
        } catch (thrown) {
          assert.ok(thrown instanceof NsmError && thrown.reason === "PATH_INVALID", String(thrown))
          assert.equal(thrown.cause, undefined)
        }
      }),
    )
  })
})
