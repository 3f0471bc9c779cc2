import assert from "node:assert/strict"
import { readFile } from "node:fs/promises"
import { join } from "node:path"
import { promisify } from "node:util"
import { gunzip, gzipSync } from "node:zlib"
import { packTar, unpackTar } from "modern-tar"
import { verifiedTokens } from "../../identity/verified-tokens.ts"
import { FakeClock } from "../../testing/fake-clock.ts"
import { fixedIdentity } from "../../testing/fixed-identity.ts"
import { allowed, type Question } from "../policy.ts"
import { questionOf } from "../question.ts"
import { wasmPolicy } from "./wasm.ts"

const bundle = (name: string): Promise<Buffer> =>
  readFile(join(import.meta.dirname, "testdata", `${name}.tar.gz`))

/** The bare module in a bundle. */
async function moduleOf(file: Buffer): Promise<Uint8Array> {
  const unpacked = await unpackTar(await promisify(gunzip)(file))
  const found = unpacked.find(({ header }) => header.name.endsWith("policy.wasm"))
  assert.ok(found?.data)
  return found.data
}

/** A bundle whose data.json says something else. */
async function dataBundle(body: string): Promise<Buffer> {
  const wasm = await moduleOf(await bundle("listed"))
  return gzipSync(
    await packTar([
      { header: { name: "/policy.wasm", size: wasm.length }, body: wasm },
      { header: { name: "/data.json", size: body.length }, body },
    ]),
  )
}

/** A bundle with one file. */
async function bundleOf(name: string, body: string): Promise<Buffer> {
  return gzipSync(await packTar([{ header: { name, size: body.length }, body }]))
}

describe("wasmPolicy", () => {
  const clock = new FakeClock()
  const asked = async (name: string): Promise<Question> => {
    const { current } = await fixedIdentity({ id: `spiffe://nsm.local/${name}`, clock })
    const peer = { address: "test", certificate: current.svid.certificates[0] }
    const verifier = verifiedTokens({ clock })
    return questionOf(
      {},
      { peer, verifier, now: clock.now(), signal: new AbortController().signal },
    )
  }

  it("goes by the data of its bundle, and denies in its own words", async () => {
    const policy = await wasmPolicy(await bundle("listed"))
    assert.deepEqual(await policy(await asked("nsc")), allowed)
    assert.deepEqual(await policy(await asked("other")), {
      isAllowed: false,
      rule: "data.nsm.valid is true",
      why: "spiffe://nsm.local/other is not on the list",
      remedy: "see the policy, or ask who keeps it",
    })
    assert.deepEqual(await policy(await asked("nsc")), allowed, "the denial before is left over")
  })

  it("takes a bare module, which has no data", async () => {
    const policy = await wasmPolicy(await moduleOf(await bundle("listed")))
    assert.equal((await policy(await asked("nsc"))).isAllowed, false)
  })

  it("answers many questions in the same memory", async () => {
    const policy = await wasmPolicy(await bundle("listed"))
    const question = await asked("nsc")
    const large = { ...question, input: { ...question.input, resource_name: "x".repeat(100_000) } }
    for (let round = 0; round < 400; round++) {
      assert.equal((await policy(round % 2 ? question : large)).isAllowed, true)
    }
  })

  it("fails when a document is too large for its memory, and answers the next", async () => {
    const policy = await wasmPolicy(await bundle("listed"))
    const question = await asked("nsc")
    const huge = {
      ...question,
      input: { ...question.input, resource_name: "x".repeat(80_000_000) },
    }
    assert.throws(() => policy(huge), { reason: "POLICY_FAILED" })
    assert.equal((await policy(question)).isAllowed, true)
  })

  const invalid: readonly (readonly [string, () => Promise<Uint8Array>, RegExp])[] = [
    ["text", async () => Buffer.from("valid = true"), /neither WebAssembly nor a bundle/],
    ["an empty file", async () => Buffer.alloc(0), /neither WebAssembly nor a bundle/],
    ["half a bundle", async () => (await bundle("listed")).subarray(0, 20_000), /neither/],
    ["gzip of something else", async () => gzipSync("no archive"), /neither WebAssembly nor/],
    [
      "half a module",
      async () => (await moduleOf(await bundle("listed"))).subarray(0, 9000),
      /no WebAssembly that OPA/,
    ],
    [
      "a module of others",
      async () => Buffer.from("\0asm\x01\0\0\0", "latin1"),
      /no WebAssembly that OPA/,
    ],
    [
      "a bundle of sources",
      async () => bundleOf("/a.rego", "package a"),
      /no policy\.wasm; build it with/,
    ],
    ["a bundle with bad data", async () => dataBundle("{"), /data\.json is no JSON object/],
    ["a bundle with a list for data", async () => dataBundle("7"), /data\.json is no JSON object/],
    [
      "another entry point",
      () => bundle("no_valid"),
      /entry points are nsm\/why; build it with --entrypoint nsm\/valid/,
    ],
    [
      "a call of what is not there",
      () => bundle("calls_out"),
      /calls http\.send, which is not known here/,
    ],
  ]
  for (const [title, file, says] of invalid) {
    it(`takes no ${title}`, async () => {
      await assert.rejects(
        wasmPolicy(await file()),
        (error: Error & { reason?: string; text?: string }) => {
          assert.equal(error.reason, "POLICY_INVALID")
          assert.match(error.text ?? "", says)
          return true
        },
      )
    })
  }

  it("knows which functions its library has", async () => {
    const source = import.meta.resolve("@open-policy-agent/opa-wasm")
    const builtins = (await import(new URL("builtins/index.js", source).href)) as {
      default: Record<string, unknown>
    }
    const text = await readFile(join(import.meta.dirname, "wasm.ts"), "utf8")
    for (const name of Object.keys(builtins.default)) assert.ok(text.includes(`"${name}"`), name)
  })
})
