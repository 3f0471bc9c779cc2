import assert from "node:assert/strict"
import { existsSync, readdirSync, readFileSync } from "node:fs"
import { dirname, join } from "node:path"
import { fileURLToPath } from "node:url"
import { needsPlaygrounds } from "@nsm/integration-netns"
import { typeFaults } from "./check-types.ts"
import { parseTutorial } from "./parse.ts"
import { runTutorial } from "./run.ts"

const folder = fileURLToPath(new URL("../docs/", import.meta.url))
/** Whether the rest of the suite lies around this package, as links to it expect. */
const isInSuite = existsSync(new URL("../../cmd-nsm/", import.meta.url))
/** Reporters print titles, and not all of them why a test is skipped. */
const notHere = isInSuite ? "" : ", the rest of which is not here"
const tutorials = readdirSync(folder).filter((name) => name.endsWith(".md"))

describe("the tutorials", function () {
  this.timeout(180_000)

  for (const name of tutorials) {
    const file = join(folder, name)
    const text = readFileSync(file, "utf8")

    const links = [...text.matchAll(/\]\(([^)#:]+)(?:#[^)]*)?\)/g)].map(([, link = ""]) => link)
    const missing = links.filter((link) => !existsSync(join(dirname(file), link)))
    it(`lead from ${name} only to tutorials that exist`, () => {
      assert.deepEqual(missing.filter(isHere), [])
    })
    it(`lead from ${name} only to what the suite has${notHere}`, function () {
      if (!isInSuite) {
        this["skipReason"] = "the rest of the suite is not here"
        this.skip()
      }
      assert.deepEqual(missing, [])
    })

    const steps = parseTutorial(text)
    if (steps.some((step) => step.kind === "file" && step.name.endsWith(".ts"))) {
      it(`show in ${name} only strict TypeScript`, async () => {
        assert.equal(await typeFaults(steps), "")
      })
    }

    describe(`in ${name}`, () => {
      before(needsPlaygrounds())

      it("do what they say", async () => {
        assert.ok(steps.length > 0, "there is nothing to do in it")
        await runTutorial(steps)
      })
    })
  }
})

function isHere(link: string): boolean {
  return !link.startsWith("../")
}
