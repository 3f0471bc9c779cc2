import assert from "node:assert/strict"
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { readWorkspaces } from "../../workspaces.ts"
import { clone } from "../clone.ts"
import { manifestOf, suite, type Files, type Suite } from "../fixture.ts"
import { graphOf } from "../graph.ts"
import type { Findings } from "../forge/findings.ts"
import { alone } from "./check-alone.ts"

const bin = join(import.meta.dirname, "../../../../node_modules/.bin")

/** A package of one module that is compiled, as those of the suite are. */
function sources(folder: string, needs: Readonly<Record<string, string>>, code: string): Files {
  const manifest = {
    ...manifestOf(folder, needs),
    exports: {
      ".": { source: "./src/index.ts", types: "./dist/index.d.ts", default: "./dist/index.js" },
    },
    files: ["dist", "src"],
    scripts: { build: `"${bin}/tsc" -b`, test: "node dist/index.js" },
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
async function checked({ forge }: Suite, folder: string, timeoutMs?: number): Promise<Findings> {
  await using copy = await clone({ forge })
  const work = mkdtempSync(join(tmpdir(), "nsm-alone-spec-"))
  try {
    const graph = graphOf(readWorkspaces(copy.folder))
    return await alone({ copy, graph, work, timeoutMs }).check(folder, "main")
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

  it("is red when its test fails or hangs", async () => {
    using failing = twoPackages('import { old } from "@nsm/api"\nthrow new Error(`seen ${old}`)\n')
    const { failed } = await checked(failing, "sdk")
    assert.equal(failed?.step, "test")
    assert.match(failed?.log ?? "", /seen 1/)
    using hanging = suite({ api: {} }, hangs)
    const hung = await checked(hanging, "api", 3000)
    assert.match(hung.failed?.log ?? "", /TIMED_OUT/)
  })

  it("is red when it names what was never released", async () => {
    using one = twoPackages("export const mine = 1\n", "0.7.0")
    const { failed } = await checked(one, "sdk")
    assert.equal(failed?.step, "install")
    assert.match(failed?.log ?? "", /RELEASE_MISSING: @nsm\/api@0\.7\.0/)
  })
})

const hangs = {
  "api/package.json": JSON.stringify({
    ...manifestOf("api", needs),
    dependencies: {},
    scripts: { test: "node -e 'setInterval(() => {}, 1000)'" },
  }),
}
