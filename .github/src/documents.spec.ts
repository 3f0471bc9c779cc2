import assert from "node:assert/strict"
import { spawnSync } from "node:child_process"
import { existsSync, readFileSync } from "node:fs"
import { dirname, join } from "node:path"
import { inSuite } from "./in-suite.ts"
import { readWorkspaces, type Workspace } from "./workspaces.ts"
import { skip } from "./test-all/skip.ts"

/** Files that a document leads to, in links and, when they are paths of the suite, in code. */
function targets(root: string, workspaces: readonly Workspace[], file: string): readonly string[] {
  const text = readFileSync(join(root, file), "utf8")
  const links = [...text.matchAll(/\]\(([^)#:]+)(?:#[^)]*)?\)/g)].map(([, link = ""]) =>
    join(dirname(file), link),
  )
  const folders = workspaces.map(({ folder }) => folder.replaceAll(".", "\\.")).join("|")
  const paths = [...text.matchAll(new RegExp(`\`((?:${folders})/[^\`\\s<>*]+)\``, "g"))]
  return [...links, ...paths.map(([, path = ""]) => path)]
}

/** The programs that a README shows. */
function examples(file: string): readonly string[] {
  if (!existsSync(file)) return []
  return [...readFileSync(file, "utf8").matchAll(/^```ts\n([\s\S]*?)^```$/gm)].map(
    ([, code = ""]) => code,
  )
}

inSuite("the documents", (root) => {
  const workspaces = readWorkspaces(root)
  const documents = [
    "README.md",
    "CONTRIBUTING.md",
    "SECURITY.md",
    ...workspaces.map(({ folder }) => join(folder, "README.md")),
  ].filter((file) => existsSync(join(root, file)))

  for (const file of documents) {
    it(`lead from ${file} only to what exists`, () => {
      // A build is not there in a fresh checkout.
      const missing = targets(root, workspaces, file).filter(
        (target) => !target.includes("/dist/") && !existsSync(join(root, target)),
      )
      assert.deepEqual(missing, [])
    })
  }

  for (const { folder, path } of workspaces) {
    for (const [index, example] of examples(join(path, "README.md")).entries()) {
      it(`show in ${folder}/README.md an example ${index + 1} that runs`, function () {
        this.timeout(30_000)
        const options = ["--conditions=source", "--input-type=module-typescript"]
        const { status, stderr } = spawnSync(process.execPath, options, {
          cwd: path,
          input: example,
          encoding: "utf8",
          timeout: 20_000,
        })
        if (stderr.includes("PRIVILEGE_MISSING")) {
          skip(this, "needs root")
        }
        assert.equal(status, 0, stderr)
      })
    }
  }

  it("map every package", () => {
    const text = readFileSync(join(root, "README.md"), "utf8")
    const missing = workspaces.filter(({ folder }) => !text.includes(`\n| [${folder}](${folder})`))
    assert.deepEqual(
      missing.map(({ folder }) => folder),
      [],
    )
  })

  it("name only commands that the root has", () => {
    const { scripts } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as {
      scripts: Readonly<Record<string, string>>
    }
    const named = ["README.md", "CONTRIBUTING.md"].flatMap((file) =>
      [...readFileSync(join(root, file), "utf8").matchAll(/npm run ([a-z]+)/g)].map(
        ([, name = ""]) => name,
      ),
    )
    assert.deepEqual(
      named.filter((name) => !Object.hasOwn(scripts, name)),
      [],
    )
  })
})
