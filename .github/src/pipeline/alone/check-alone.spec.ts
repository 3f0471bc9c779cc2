import assert from "node:assert/strict"
import { mkdtempSync, rmSync } from "node:fs"
import { createRequire } from "node:module"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { readWorkspaces } from "../../workspaces.ts"
import { clone } from "../clone.ts"
import { manifestOf, suite, type Files, type Suite } from "../fixture.ts"
import { graphOf } from "../graph.ts"
import type { Findings } from "../forge/findings.ts"
import { alone, type AloneOptions, type CheckOptions } from "./check-alone.ts"

const compiler = createRequire(import.meta.url).resolve("typescript/package.json")
const tsc = `node "${join(dirname(compiler), "bin/tsc")}"`

/** A package of one module that is compiled, as those of the suite are. */
function sources(folder: string, needs: Readonly<Record<string, string>>, code: string): Files {
  const manifest = {
    ...manifestOf(folder, needs),
    exports: {
      ".": { source: "./src/index.ts", types: "./dist/index.d.ts", default: "./dist/index.js" },
    },
    files: ["dist", "src"],
    scripts: { build: `${tsc} -b`, test: "node dist/index.js" },
  }
  const compilerOptions = {
    module: "nodenext",
    target: "es2024",
    rootDir: "src",
    outDir: "dist",
    composite: true,
    types: [],
    customConditions: ["source"],
  }
  const references = Object.keys(needs).map((name) => ({ path: `../${name}` }))
  return {
    [`${folder}/package.json`]: JSON.stringify(manifest, undefined, 2),
    [`${folder}/tsconfig.json`]: JSON.stringify({ compilerOptions, references, include: ["src"] }),
    [`${folder}/src/index.ts`]: code,
  }
}

const api = "export const old = 1\n"
const needs = { api: ">=0.1.0" }

/** Checks a package of a suite alone, as it is on main. */
async function checked(
  { forge }: Suite,
  folder: string,
  { instead, ...options }: CheckOptions & Partial<AloneOptions> = {},
): Promise<Findings> {
  await using copy = await clone({ forge })
  const work = mkdtempSync(join(tmpdir(), "nsm-alone-spec-"))
  try {
    const graph = graphOf(readWorkspaces(copy.folder))
    return await alone({ copy, graph, work, ...options }).check(folder, "main", { instead })
  } finally {
    rmSync(work, { recursive: true })
  }
}

function twoPackages(code: string, range = ">=0.1.0"): Suite {
  const files = { ...sources("api", {}, api), ...sources("sdk", { api: range }, code) }
  return suite({ api: {}, sdk: { api: range } }, files)
}

describe("a package alone", function () {
  this.timeout(120_000)

  it("is installed, built and tested against the versions that it names", async () => {
    using one = twoPackages('import { old } from "@nsm/api"\nexport const mine = old\n')
    const result = await checked(one, "sdk")
    assert.equal(result.verdict, "green", result.failed?.log)
  })

  it("does not compile with what only a newer head has, whatever the workspace links", async () => {
    const code = 'import { fresh } from "@nsm/api"\nexport const mine = fresh\n'
    using one = twoPackages(code)
    one.commit({ "api/src/index.ts": `${api}export const fresh = 2\n` })
    one.released({ api: "0.2.0" })
    const result = await checked(one, "sdk")
    assert.equal(result.failed?.step, "build")
    assert.match(result.failed?.log ?? "", /CHECK_FAILED: [^]*has no exported member.*fresh/)
    // The same sources compile as soon as the manifest says what they need.
    one.commit(sources("sdk", { api: ">=0.2.0" }, code))
    const named = await checked(one, "sdk")
    assert.equal(named.verdict, "green", named.failed?.log)
  })

  it("gets from another commit what it is told to, whatever version is written there", async () => {
    const code = 'import { fresh } from "@nsm/api"\nexport const mine = fresh\n'
    using one = twoPackages(code)
    const commit = one.commit({ "api/src/index.ts": `${api}export const fresh = 2\n` })
    one.commit({ "api/src/index.ts": api })
    one.released({ api: "0.2.0" })
    one.commit(sources("sdk", { api: ">=0.2.0" }, code))
    assert.equal((await checked(one, "sdk")).failed?.step, "build")
    const result = await checked(one, "sdk", { instead: new Map([["@nsm/api", commit]]) })
    assert.equal(result.verdict, "green", result.failed?.log)
  })

  it("is red where what it is built on cannot be packed, and says why", async () => {
    using one = twoPackages('import { old } from "@nsm/api"\nexport const mine = old\n')
    one.commit({ "api/src/index.ts": "export const old: string = 1\n" })
    one.released({ api: "0.2.0" })
    one.commit(sources("sdk", { api: ">=0.2.0" }, "export const mine = 1\n"))
    const { failed } = await checked(one, "sdk")
    assert.equal(failed?.step, "pack")
    assert.match(
      failed?.log ?? "",
      /@nsm\/api@0\.2\.0 cannot be packed, its build fails: [^]*not assignable/,
    )
  })

  it("gets no verdict where npm's registry does not answer", async () => {
    using one = suite({ api: {} }, missing)
    await assert.rejects(checked(one, "api"), /^PipelineError: REGISTRY_UNREACHABLE: npm ci/)
  })

  it("is red when its test fails or hangs", async () => {
    using failing = twoPackages('import { old } from "@nsm/api"\nthrow new Error(`seen ${old}`)\n')
    const { failed } = await checked(failing, "sdk")
    assert.equal(failed?.step, "test")
    assert.match(failed?.log ?? "", /seen 1/)
    using hanging = suite({ api: {} }, hangs)
    const hung = await checked(hanging, "api", { timeoutMs: 5000 })
    assert.match(hung.failed?.log ?? "", /TIMED_OUT/)
  })

  it("does not know what lets the pipeline push", async () => {
    const script = "node -e 'process.exit(process.env.GH_TOKEN === undefined ? 0 : 1)'"
    const manifest = { ...manifestOf("api", {}), scripts: { test: script } }
    using one = suite({ api: {} }, { "api/package.json": JSON.stringify(manifest) })
    process.env["GH_TOKEN"] = "made up"
    try {
      assert.equal((await checked(one, "api")).verdict, "green")
    } finally {
      delete process.env["GH_TOKEN"]
    }
  })

  it("is red when it names what was never released", async () => {
    using one = twoPackages("export const mine = 1\n", "0.7.0")
    const { failed } = await checked(one, "sdk")
    assert.equal(failed?.step, "pack")
    assert.match(
      failed?.log ?? "",
      /RELEASE_MISSING: @nsm\/api@0\.7\.0[^]*\nwhat to do: Release that/,
    )
  })
})

/** Nobody listens on this port. */
const missing = {
  "api/.npmrc": "registry=http://127.0.0.1:1/\nfetch-retries=0\n",
  "api/package.json": JSON.stringify({
    ...manifestOf("api", {}),
    dependencies: { "nobody-has-this": "1.0.0" },
  }),
  "package-lock.json": JSON.stringify({
    lockfileVersion: 3,
    packages: {
      "node_modules/nobody-has-this": { version: "1.0.0", integrity: `sha512-${"A".repeat(86)}==` },
    },
  }),
}

const hangs = {
  "api/package.json": JSON.stringify({
    ...manifestOf("api", needs),
    dependencies: {},
    scripts: { test: "node -e 'setInterval(() => {}, 1000)'" },
  }),
}
