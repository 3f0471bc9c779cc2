import assert from "node:assert/strict"
import { join } from "node:path"
import type { Log } from "../core/log.ts"
import { silentLog } from "../core/log.ts"
import { FakeClock } from "../testing/fake-clock.ts"
import { loadPolicies } from "./load.ts"

const bundle = join(import.meta.dirname, "rego/common/tokens_valid.tar.gz")

describe("loadPolicies", () => {
  const clock = new FakeClock()
  const warnings: unknown[] = []
  const log: Log = { ...silentLog, warn: (_, fields) => void warnings.push(fields) }
  const named = async (...entries: readonly string[]): Promise<readonly string[]> => {
    await using loaded = await loadPolicies(entries, { clock, log })
    return loaded.policies.map(({ name }) => name)
  }
  beforeEach(() => void warnings.splice(0))
  afterEach(() => assert.equal(clock.pending, 0, "files are followed after the end"))

  it("loads the defaults of the Go programs", async () => {
    const masks = (...folders: readonly string[]) =>
      folders.map((folder) => `etc/nsm/opa/${folder}/.*.rego`)
    const common = ["valid", "expired", "chained"].map((what) => `common/tokens_${what}`)
    assert.deepEqual(await named(...masks("common", "server")), [
      ...common,
      "server/prev_token_signed",
    ])
    assert.deepEqual(await named(...masks("common", "client")), [
      ...common,
      "client/next_token_signed",
    ])
    assert.deepEqual(await named(...masks("common", "registry", "server")), [
      ...common,
      "server/prev_token_signed",
      "registry/client_allowed",
    ])
    assert.deepEqual(await named(...masks("monitor")), ["monitor/service_connection"])
  })

  const forms: readonly (readonly [string, readonly string[]])[] = [
    ["tokens_valid.rego", ["common/tokens_valid"]],
    ["common/tokens_valid", ["common/tokens_valid"]],
    [
      "etc/nsm/opa/.*/tokens_(valid|chained).rego",
      ["common/tokens_valid", "common/tokens_chained"],
    ],
    [bundle, [bundle]],
    ["http://127.0.0.1:8181/v1/data/nsm", ["http://127.0.0.1:8181/v1/data/nsm"]],
    ["https://opa.example.org/v1/data/nsm", ["https://opa.example.org/v1/data/nsm"]],
  ]
  for (const [entry, names] of forms) {
    it(`loads ${names.length} for ${entry.split("/").at(-1)}`, async () => {
      assert.deepEqual(await named(entry), names)
      assert.deepEqual(warnings, [])
    })
  }

  it("loads each that is built in once, before those of users", async () => {
    const names = await named(
      bundle,
      "tokens_expired.rego",
      "tokens_valid.rego",
      ".*tokens_valid.rego",
    )
    assert.deepEqual(names, ["common/tokens_valid", "common/tokens_expired", bundle])
  })

  it("warns of tokens that go over the network in clear", async () => {
    await named("http://opa.example.org/v1/data/nsm")
    assert.deepEqual(warnings, [{ policy: "http://opa.example.org/v1/data/nsm" }])
  })

  const invalid: readonly (readonly [string, RegExp])[] = [
    [
      "mine.rego",
      /none of the policies that are built in .*tokens_valid.*; compile others with: opa build/,
    ],
    ["etc/nsm/opa/typo/.*.rego", /none of the policies/],
    ["tokens", /neither a policy that is built in .* nor a URL/],
    ["etc/(", /no regular expression/],
    ["/nowhere/policy.wasm", /\/nowhere\/policy\.wasm cannot be loaded: ENOENT/],
  ]
  for (const [entry, text] of invalid) {
    it(`takes no ${entry}`, async () => {
      await assert.rejects(named(bundle, entry), { reason: "POLICY_INVALID", text })
    })
  }
})
