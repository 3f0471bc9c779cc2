import assert from "node:assert/strict"
import { execFileSync, spawnSync } from "node:child_process"
import { readFile } from "node:fs/promises"
import { join } from "node:path"
import fc from "fast-check"
import type { X509Svid } from "../../identity/identity.ts"
import { verifiedTokens } from "../../identity/verified-tokens.ts"
import { FakeClock } from "../../testing/fake-clock.ts"
import { fixedIdentity } from "../../testing/fixed-identity.ts"
import { jwt } from "../../testing/jwt.ts"
import type { InputSegment, PolicyInput } from "../input.ts"
import { longestToken } from "../jwt.ts"
import type { Policy, Question } from "../policy.ts"
import { questionOf } from "../question.ts"
import { wasmPolicy } from "../user/wasm.ts"
import { builtInPolicies } from "./built-in.ts"

const rego = join(import.meta.dirname, "../rego")
// OPA itself goes by the real time.
const at = Date.now()
const end = Math.floor(at / 1000) + 600
const tooLong = "a token of absurd size"
const idOf = (name: string): string => `spiffe://nsm.local/${name}`

/** What is asked, whether it is allowed, and the hop or other thing that a denial names. */
type Case = readonly [title: string, input: Omit<PolicyInput, "auth_info">, denies?: RegExp]

describe("built-in policies", () => {
  let peer: X509Svid
  let table: Readonly<Record<string, readonly Case[]>>
  const native = new Map(builtInPolicies.map((policy) => [policy.name, policy]))
  const compiled = new Map<string, Policy["evaluate"]>()

  before(async () => {
    const clock = new FakeClock(at)
    const id = idOf("nsmgr")
    const own = await fixedIdentity({ id, clock })
    const other = await fixedIdentity({ id, clock })
    peer = own.current.svid
    table = cases(peer, other.current.svid)
    for (const { name } of builtInPolicies) {
      compiled.set(name, await wasmPolicy(await readFile(join(rego, `${name}.tar.gz`))))
    }
  })

  const ask = (subject: Case[1]): Question =>
    questionOf(subject, {
      peer: { address: "test", certificate: peer.certificates[0] },
      verifier: verifiedTokens({ clock: new FakeClock(at) }),
      now: at,
      signal: new AbortController().signal,
    })

  for (const { name } of builtInPolicies) {
    it(`${name} judges every case of the table, as its twin in Rego does`, async () => {
      const judged = table[name] ?? []
      assert.ok(judged.length > 2, "there are no cases")
      for (const [title, subject, denies] of judged) {
        const verdict = await native.get(name)?.evaluate(ask(subject))
        assert.equal(verdict?.isAllowed, !denies, title)
        if (!verdict?.isAllowed) assert.match(verdict?.why ?? "", denies ?? /^$/, title)
        const twin = await compiled.get(name)?.(ask(subject))
        assert.equal(twin?.isAllowed, !denies, `${title}, in Rego`)
      }
    })

    it(`${name} judges whatever comes as its twin in Rego does`, async () => {
      await fc.assert(
        fc.asyncProperty(subjects(peer), async (subject) => {
          const verdict = await native.get(name)?.evaluate(ask(subject))
          const twin = await compiled.get(name)?.(ask(subject))
          assert.equal(verdict?.isAllowed, twin?.isAllowed)
        }),
        { numRuns: 300 },
      )
    })
  }

  it("judge as OPA itself does", function () {
    if (spawnSync("opa", ["version"]).status !== 0) {
      this["skipReason"] = "needs opa on the PATH"
      this.skip()
    }
    this.timeout(120_000)
    const auth_info = { certificate: peer.certificates[0].toString() }
    for (const [name, judged] of Object.entries(table)) {
      const data = join(rego, `${name}.rego`)
      const args = ["eval", "--v0-compatible", "--stdin-input", "--format", "raw", "--data", data]
      for (const [title, subject, denies] of judged) {
        // OPA reads tokens of any length.
        if (title === tooLong) continue
        const input = JSON.stringify({ ...subject, auth_info })
        const answer = execFileSync("opa", [...args, "data.nsm.valid"], { input, encoding: "utf8" })
        assert.equal(answer.trim(), String(!denies), `${name}: ${title}`)
      }
    }
  })

  it("quote no token when they deny", async () => {
    for (const [name, judged] of Object.entries(table)) {
      for (const [title, subject] of judged) {
        const verdict = await native.get(name)?.evaluate(ask(subject))
        const said = JSON.stringify(verdict)
        for (const { token = "" } of subject.path_segments ?? []) {
          const [, payload, signature] = token.split(".")
          for (const part of [payload, signature]) {
            if (part) assert.ok(!said.includes(part), title)
          }
        }
      }
    }
  })
})

/** A token that one hop made for another. */
function token(from: string, to: string, { key }: { key?: X509Svid["privateKey"] } = {}): string {
  return jwt({ sub: idOf(from), aud: [idOf(to)], exp: end }, key ? { key } : {})
}

/** A path with tokens of these texts. */
function path(index: number, ...tokens: readonly string[]): Case[1] {
  const path_segments = tokens.map((text, at) => ({
    name: `hop-${at}`,
    id: `id-${at}`,
    token: text,
  }))
  return { ...(index > 0 && { index }), path_segments }
}

/** `peer` is nsmgr, which calls a forwarder; `other` is a certificate of the same name. */
function cases(peer: X509Svid, other: X509Svid): Readonly<Record<string, readonly Case[]>> {
  const own = { key: peer.privateKey }
  const [first, second, third] = [
    token("nsc", "nsmgr"),
    token("nsmgr", "forwarder", own),
    token("forwarder", "nsmgr"),
  ]
  const withClaims = (claims: object): string => jwt({ sub: idOf("nsc"), ...claims })
  const [head, body] = first.split(".")
  const padding = "x".repeat(longestToken)
  return {
    "common/tokens_valid": [
      ["a whole path", path(2, first, second, third)],
      ["no path", {}],
      ["no segments", path(0)],
      ["a signature that is empty", path(1, first, `${head}.${body}.`)],
      [
        "a segment without a token",
        { path_segments: [{ name: "a" }] },
        /segment 0 \("a"\) has no token/,
      ],
      ["an empty token", path(1, first, ""), /segment 1 \("hop-1"\) has no token/],
      ["a text that is no token", path(1, "secret", second), /segment 0 .* that is no JWT/],
      ["a truncated token", path(1, first, `${head}.${body?.slice(0, -7)}`), /segment 1/],
      [
        "a token cut in its claims",
        path(1, first, `${head}.${body?.slice(0, -7)}.aa`),
        /segment 1/,
      ],
      ["four parts", path(0, `${first}.aa`), /segment 0/],
      ["a header that is no JSON", path(0, `aaaa.${body}.aaaa`), /segment 0/],
      ["claims that are no object", path(0, jwt(["sub"])), /segment 0/],
      ["an encrypted token", path(0, jwt({}, { header: { enc: "A128GCM" } })), /segment 0/],
      ["letters that are not base64", path(0, `${head}.${body}.a%b`), /segment 0/],
      ["a length that base64 never has", path(0, `${head}.${body}.aaaaa`), /segment 0/],
      [
        tooLong,
        path(1, first, jwt({ padding })),
        /segment 1 .* a token of \d+ characters, of which/,
      ],
    ],
    "common/tokens_expired": [
      ["a whole path", path(2, first, second, third)],
      ["no segments", path(0)],
      [
        "one that ended",
        path(1, first, withClaims({ exp: end - 660 })),
        /segment 1 .* ended \d+ s ago/,
      ],
      ["one that ended long ago", path(1, withClaims({ exp: 1 }), first), /segment 0 /],
      ["a negative end", path(0, withClaims({ exp: -1 })), /segment 0 /],
      ["no end", path(0, withClaims({})), /has no end/],
      ["an end that is a text", path(0, withClaims({ exp: `${end}` })), /has no end/],
      ["an end that is no whole number", path(0, withClaims({ exp: end + 0.5 }))],
      ["no token", { path_segments: [{}] }, /path segment 0 has no end/],
    ],
    "common/tokens_chained": [
      ["a whole path", path(2, first, second, third)],
      ["no segments", path(0)],
      ["one segment", path(0, "whatever")],
      ["one of another path", path(2, token("nsc-2", "nsmgr-2"), second, third), /segment 0/],
      ["two exchanged", path(2, second, first, third), /segment 0/],
      ["an audience that is a text", path(1, withClaims({ aud: idOf("nsmgr") }), second), /nobody/],
      ["no audience", path(1, withClaims({}), second), /nobody in a list/],
      [
        "an audience that is an object",
        path(1, withClaims({ aud: { a: idOf("nsmgr") } }), second),
        /0/,
      ],
      ["several in an audience", path(1, withClaims({ aud: ["x", idOf("nsmgr")] }), second)],
      ["no subject", path(1, first, jwt({ aud: [idOf("nsc")] })), /is of nobody/],
      [
        "a subject that is no text",
        path(1, withClaims({ aud: [7] }), jwt({ sub: 7 })),
        /is of nobody/,
      ],
      ["a last token for nobody", path(1, first, jwt({ sub: idOf("nsmgr") }))],
    ],
    "server/prev_token_signed": [
      ["signed by the caller", path(2, first, second, third)],
      ["an index of 0", path(0, second), /path.index is 0, and no segment before it/],
      ["no path", {}, /no segment before it/],
      ["an index beyond the path", path(7, first, second), /no segment before it/],
      [
        "no token",
        { index: 1, path_segments: [{ name: "a" }, { name: "b" }] },
        /no segment before it/,
      ],
      [
        "signed by somebody else",
        path(2, second, first, third),
        /segment 1 \("hop-1"\) is not signed/,
      ],
      [
        "signed by a namesake",
        path(2, first, token("nsmgr", "forwarder", { key: other.privateKey }), third),
        /segment 1/,
      ],
      [
        "changed afterwards",
        path(2, first, `${first}${second.slice(second.lastIndexOf("."))}`, third),
        /1/,
      ],
      ["no token at all", path(1, "secret", second), /segment 0/],
    ],
    "client/next_token_signed": [
      ["signed by the server", path(0, first, second, third)],
      ["nothing behind this hop", path(1, first, second), /no token after segment 1/],
      ["no path", {}, /no token after segment 0/],
      ["signed by somebody else", path(0, second, first), /segment 1 \("hop-1"\) is not signed/],
      [
        "no token",
        { path_segments: [{ token: first }, { name: "b" }] },
        /no token after segment 0/,
      ],
    ],
    "registry/client_allowed": [
      ["a new name", registering("nse-1", "nse")],
      ["one's own name", registering("nse-1", "nse", { "nse-1": [idOf("nse"), idOf("nsmgr")] })],
      [
        "somebody else's",
        registering("nse-1", "nse", { "nse-1": [idOf("other")] }),
        /"nse-1" was .*other/,
      ],
      [
        "one that was only passed on",
        registering("a", "nsmgr", { a: [idOf("nse"), idOf("nsmgr")] }),
        /nse/,
      ],
      ["one that nobody is known for", registering("a", "nse", { a: [] }), /nobody/],
      ["no one", { resource_name: "a", resource_path_ids_map: { a: ["x"] } }, /not by "nobody"/],
      ["a name that objects have", registering("constructor", "nse", { a: [] })],
      ["no name", { resource_id: "b" }, /"" was registered by "nobody"/],
      ["no memory", { resource_name: "a", resource_id: "b" }],
    ],
    "monitor/service_connection": [
      ["one's own connection", watching("nsc", ["a"], { [idOf("nsc")]: ["b", "a"] })],
      ["one of several", watching("nsc", ["x", "b"], { [idOf("nsc")]: ["b", "a"] })],
      [
        "somebody else's",
        watching("nsc", ["c"], { [idOf("nsc")]: ["b"], other: ["c"] }),
        /nsc" has none/,
      ],
      ["all", watching("nsc", [], { [idOf("nsc")]: ["b"] }), /has none/],
      ["nobody's", watching("nsc", ["a"], {}), /has none/],
      [
        "a name that objects have",
        { ...watching("a", ["a"], {}), service_spiffe_id: "valueOf" },
        /none/,
      ],
      ["no one", { selector_connection_ids: ["a"] }, /has none/],
    ],
  }
}

function registering(
  resource_name: string,
  who: string,
  resource_path_ids_map: Readonly<Record<string, readonly string[]>> = {},
): Case[1] {
  return { resource_name, resource_id: idOf(who), resource_path_ids_map }
}

function watching(
  who: string,
  selector_connection_ids: readonly string[],
  spiffe_id_connection_map: Readonly<Record<string, readonly string[]>>,
): Case[1] {
  return { service_spiffe_id: idOf(who), selector_connection_ids, spiffe_id_connection_map }
}

/** Documents that are nearly right, and some that are not. */
function subjects({ privateKey: key }: X509Svid): fc.Arbitrary<Case[1]> {
  const id = fc.constantFrom(...["nsc", "nsmgr", "nse"].map(idOf))
  const strange = fc.oneof(fc.integer(), fc.boolean(), fc.constant(null), fc.string(), fc.object())
  const claims = fc.record(
    {
      sub: fc.oneof({ weight: 9, arbitrary: id }, strange),
      aud: fc.oneof({ weight: 9, arbitrary: fc.array(id, { maxLength: 3 }) }, id, strange),
      exp: fc.oneof(
        { weight: 9, arbitrary: fc.constant(end) },
        fc.integer({ min: -9, max: 2 * end }),
        strange,
      ),
    },
    { requiredKeys: [] },
  )
  const text = fc.oneof(
    {
      weight: 5,
      arbitrary: fc.tuple(claims, fc.boolean()).map(([c, own]) => jwt(c, own ? { key } : {})),
    },
    fc.string(),
    fc.tuple(claims, fc.nat()).map(([c, cut]) => jwt(c).slice(0, -cut)),
  )
  const segment: fc.Arbitrary<InputSegment> = fc.record(
    { name: fc.string(), id: fc.string(), token: text },
    { requiredKeys: [] },
  )
  const names = fc.constantFrom("a", "b", "c")
  const lists = fc.dictionary(fc.oneof(names, id), fc.array(fc.oneof(names, id), { maxLength: 3 }))
  return fc.record(
    {
      index: fc.nat({ max: 4 }),
      path_segments: fc.array(segment, { maxLength: 4 }),
      resource_id: id,
      resource_name: names,
      resource_path_ids_map: lists,
      spiffe_id_connection_map: lists,
      selector_connection_ids: fc.array(names, { maxLength: 3 }),
      service_spiffe_id: id,
    },
    { requiredKeys: [] },
  )
}
