import assert from "node:assert/strict"
import { spawnSync } from "node:child_process"
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs"
import { createRequire } from "node:module"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"

const tooling = join(import.meta.dirname, "..")
const script = join(tooling, "bin/nsm-package.js")
const types = join(createRequire(import.meta.url).resolve("@types/node/package.json"), "../..")

/** A package `mine` beside a package `theirs`, which it finds as if installed. */
function packages(
  mine: Readonly<Record<string, string>>,
): Disposable & { readonly folder: string } {
  const root = mkdtempSync(join(tmpdir(), "nsm-package-"))
  const settings = `{ "extends": "@nsm/dot-github/config/tsconfig.json" }\n`
  const entry = { ".": { source: "./src/index.ts" } }
  const files = {
    "theirs/package.json": JSON.stringify({ name: "theirs", exports: entry }),
    "theirs/src/index.ts": `export interface Service {\n  close(): Promise<void>\n}\n`,
    "mine/package.json": `{\n  "name": "mine",\n  "type": "module"\n}\n`,
    "mine/tsconfig.json": settings,
    "mine/src/gen/made.ts": "export default 1 as any;",
    "mine/dist/index.js": "export default 1;",
    ...Object.fromEntries(Object.entries(mine).map(([file, text]) => [`mine/src/${file}`, text])),
  }
  for (const [file, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, file)), { recursive: true })
    writeFileSync(join(root, file), text)
  }
  mkdirSync(join(root, "node_modules/@nsm"), { recursive: true })
  symlinkSync("../theirs", join(root, "node_modules/theirs"))
  symlinkSync(tooling, join(root, "node_modules/@nsm/dot-github"))
  symlinkSync(types, join(root, "node_modules/@types"))
  return { folder: join(root, "mine"), [Symbol.dispose]: () => rmSync(root, { recursive: true }) }
}

function run(cwd: string, ...args: string[]): { status: number | null; text: string } {
  const { status, stdout, stderr } = spawnSync(process.execPath, [script, ...args], {
    cwd,
    encoding: "utf8",
  })
  return { status, text: stdout + stderr }
}

const right = `import type { Service } from "theirs"

/** Ends it. */
export async function end(service: Service): Promise<void> {
  await service.close()
}
`

interface Mistake {
  readonly what: string
  readonly rule: string
  readonly text: string
}

/** The right text with another call in it. */
function calling(text: string): string {
  return right.replace("await service.close()", text)
}

const mistakes: readonly Mistake[] = [
  {
    what: "a promise of another package that is dropped",
    rule: "no-floating-promises",
    text: calling("service.close()"),
  },
  {
    what: "a promise that is dropped on purpose",
    rule: "no-floating-promises",
    text: calling("void service.close()"),
  },
  {
    what: "a promise that nobody expects",
    rule: "no-misused-promises",
    text: calling("setTimeout(async () => service.close(), 1)"),
  },
  {
    what: "a promise that leaves a try unawaited",
    rule: "return-await",
    text: calling("try { return service.close() } finally { end }"),
  },
  {
    what: "a type imported as a value",
    rule: "consistent-type-imports",
    text: right.replace("import type", "import"),
  },
  { what: "any", rule: "no-explicit-any", text: right.replace(": Service", ": any") },
  {
    what: "an exclamation mark",
    rule: "no-non-null-assertion",
    text: right.replace("service.", "service!."),
  },
  {
    what: "a default export",
    rule: "no-default-export",
    text: right.replace("async", "default async"),
  },
  { what: "a cycle", rule: "no-cycle", text: `import { end } from "./one.ts"\nexport { end }\n` },
  { what: "an assertion library", rule: "no-restricted-imports", text: `import "chai"\n` },
  {
    what: "another package's inside",
    rule: "no-restricted-imports",
    text: `import { a } from "@nsm/sdk/src/a.ts"\na()\n`,
  },
  { what: "a line on the console", rule: "no-console", text: `console.log("here")\n` },
]

describe("nsm-package", function () {
  this.timeout(60_000)

  it("finds nothing in a package that is as it should be, nor in what programs wrote", () => {
    using written = packages({ "index.ts": right })
    for (const command of ["lint", "format"]) {
      const { status, text } = run(written.folder, command)
      assert.equal(status, 0, text)
    }
  })

  describe("lint", () => {
    const said = new Map<string, string>()

    before(() => {
      const files = mistakes.map(({ text }, index) => [`mistake-${index}.ts`, text] as const)
      const cycle = mistakes.findIndex(({ rule }) => rule === "no-cycle")
      const one = `import { end } from "./mistake-${cycle}.ts"\nexport { end }\n`
      using written = packages({ ...Object.fromEntries(files), "one.ts": one })
      const { status, text } = run(written.folder, "lint", "--format=unix")
      assert.equal(status, 1, text)
      for (const line of text.split("\n")) {
        const [, file = ""] = /^src\/([^:]+):/.exec(line) ?? []
        said.set(file, `${said.get(file) ?? ""}${line}\n`)
      }
    })

    for (const [index, { what, rule }] of mistakes.entries()) {
      it(`finds ${what}`, () => {
        assert.match(said.get(`mistake-${index}.ts`) ?? "", new RegExp(`\\(${rule}\\)`))
      })
    }
  })

  it("format says what differs, and changes it when told to", () => {
    using written = packages({
      "index.ts": right.replace("await service.close()", "await  service . close();"),
    })
    assert.equal(run(written.folder, "format").status, 1)
    assert.equal(run(written.folder, "format", "--write").status, 0)
    assert.equal(readFileSync(join(written.folder, "src/index.ts"), "utf8"), right)
    assert.equal(readFileSync(join(written.folder, "dist/index.js"), "utf8"), "export default 1;")
  })

  it("bundle makes one file of each program, all in ASCII, that says the same", () => {
    using written = packages({})
    const { folder } = written
    const manifest = { type: "module", bin: { mine: "dist/mine.js" } }
    const build = { scripts: { build: "tsc -b && nsm-package bundle" } }
    writeFileSync(join(folder, "package.json"), JSON.stringify({ ...manifest, ...build }))
    writeFileSync(join(folder, "dist/unit.js"), "export const unit = /^(?:µs|μs|𝜇s)$/")
    const main = `import { unit } from "./unit.js"\nconsole.log("µ", unit.test("μs"), unit.test("𝜇s"))`
    writeFileSync(join(folder, "dist/main.js"), main)
    mkdirSync(join(folder, "dist/inner"))
    writeFileSync(join(folder, "dist/inner/helper.main.js"), `console.log("helps")`)
    const { status, text } = run(folder, "bundle")
    assert.equal(status, 0, text)
    const helper = spawnSync(process.execPath, [join(folder, "dist/helper.js")])
    assert.equal(String(helper.stdout), "helps\n")
    const made = join(folder, "dist/mine.js")
    assert.match(readFileSync(made, "utf8"), /^[\n\x20-\x7e]+$/)
    assert.equal(spawnSync(process.execPath, [made], { encoding: "utf8" }).stdout, "µ true true\n")
  })

  it("says how it is used when it does not know the command", () => {
    const { status, text } = run(tooling, "tidy")
    assert.equal(status, 2)
    assert.match(text, /Usage: nsm-package/)
  })
})
