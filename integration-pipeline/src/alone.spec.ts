import assert from "node:assert/strict"
import { readFile, writeFile } from "node:fs/promises"
import { dirname, join } from "node:path"
import {
  type Alone,
  alone,
  type Clone,
  clone,
  type Findings,
  graphOf,
  readWorkspaces,
  suiteCheckout,
} from "@nsm/dot-github"
import { type OwnSuite, ownSuite } from "./own-suite.ts"
import { splitOff } from "./split-off.spec.ts"

const checkout = suiteCheckout(dirname(import.meta.dirname))
const folders = checkout === undefined ? [] : readWorkspaces(checkout).map(({ folder }) => folder)

describe("each package of the suite, alone", function () {
  // On a machine that others keep busy it takes several times as long.
  this.timeout(1_200_000)

  let suite: OwnSuite
  let copy: Clone
  let packages: Alone
  let checks: ReadonlyMap<string, Promise<Findings>>

  before("has a checkout", async function () {
    if (checkout === undefined) {
      this["skipReason"] = "needs a git checkout of the suite"
      this.skip()
    }
    suite = await ownSuite(checkout)
    copy = await clone({ forge: suite.forge })
    const graph = graphOf(readWorkspaces(copy.folder))
    packages = alone({ copy, graph, work: suite.work, without: ["lint", "test"] })
    const begun = folders.map((one) => [one, packages.check(one, "main")] as const)
    await Promise.allSettled(begun.map(([, check]) => check))
    checks = new Map(begun)
  })

  after(async () => {
    await copy?.[Symbol.asyncDispose]()
    await suite?.[Symbol.asyncDispose]()
  })

  for (const folder of folders) {
    it(`${folder} installs, has all that it names, and builds`, async () => {
      const found = await checks.get(folder)
      assert.equal(found?.verdict, "green", found?.failed?.log)
    })
  }

  it("cmd-nsc does not compile with what only a newer sdk has, whatever the workspace links", async () => {
    const edit = async (file: string, line: string): Promise<void> => {
      const path = join(copy.folder, file)
      await writeFile(path, `${await readFile(path, "utf8")}${line}\n`)
    }
    await edit("sdk/src/index.ts", 'export { fresh } from "./fresh.ts"')
    await writeFile(join(copy.folder, "sdk/src/fresh.ts"), "export const fresh = 1\n")
    await edit("cmd-nsc/src/index.ts", 'export { fresh } from "@nsm/sdk"')
    await copy.git("add", "--all")
    await copy.git("commit", "--quiet", "-m", "Use what sdk has not released")
    const commit = await copy.git("rev-parse", "HEAD")
    // With the head that the workspace links, it is nothing but the release that lacks.
    const instead = new Map([["@nsm/sdk", commit]])
    const [found, linked] = await Promise.all([
      packages.check("cmd-nsc", commit),
      packages.check("cmd-nsc", commit, { instead }),
    ])
    assert.equal(found.failed?.step, "build")
    assert.match(found.failed?.log ?? "", /src\/index\.ts.*has no exported member.*fresh/)
    assert.equal(linked.verdict, "green", linked.failed?.log)
  })

  // Here, since it takes what has been packed.
  describe("and split off", () => splitOff(folders, () => suite))
})
