import assert from "node:assert/strict"
import { mkdirSync } from "node:fs"
import { workplace, type Workplace, commitIn, gitIn } from "./fixture.ts"
import { writeHistory } from "./history.ts"

/** Writes the history of a folder, and gives the repository it was written to. */
async function historyOf({ root, beside }: Workplace, name: string, folder: string) {
  const into = beside(name)
  mkdirSync(into)
  gitIn(into, "init", "--quiet", "--bare")
  gitIn(into, "fetch", "--quiet", root, "HEAD:refs/suite")
  const count = await writeHistory({ into, commit: "refs/suite", folder })
  return { count, git: (...args: readonly string[]) => gitIn(into, ...args) }
}

describe("the history of a folder", () => {
  it("has the commits that changed it, with authors, dates and messages, and no others", async () => {
    using place = workplace()
    commitIn(place.root, { "api/a.ts": "1\n" }, "Not of the sdk")
    commitIn(place.root, { "sdk/b.ts": "1\n", "api/b.ts": "1\n" }, "Über alles\n\nLine.\n\n- end")
    const { count, git } = await historyOf(place, "sdk.git", "sdk")
    assert.equal(count, 2)
    assert.equal(
      git("log", "-1", "--format=%an <%ae> %aI%n%B", "main"),
      "Anna Ångström <anna@example.org> 2026-03-01T12:00:00+01:00\nÜber alles\n\nLine.\n\n- end",
    )
    const files = ["CHANGELOG.md", "b.ts", "package.json", "src", "tsconfig.json"]
    assert.deepEqual(git("ls-tree", "--name-only", "main").split("\n"), files)
    assert.equal(git("rev-parse", "main^{tree}"), git("rev-parse", "refs/suite:sdk"))
  })

  it("has the same commits again when more have come", async () => {
    using place = workplace()
    commitIn(place.root, { "sdk/b.ts": "1\n" }, "First")
    const before = await historyOf(place, "before.git", "sdk")
    commitIn(place.root, { "sdk/b.ts": "2\n" }, "Second")
    const after = await historyOf(place, "after.git", "sdk")
    assert.equal(after.git("rev-parse", "main^"), before.git("rev-parse", "main"))
  })

  it("keeps merges, and remembers that a folder was away", async () => {
    using place = workplace()
    const { root } = place
    gitIn(root, "checkout", "--quiet", "-b", "side")
    commitIn(root, { "sdk/side.ts": "1\n" }, "Aside")
    gitIn(root, "checkout", "--quiet", "main")
    commitIn(root, { "sdk/main.ts": "1\n" }, "Ahead")
    gitIn(root, "merge", "--quiet", "--no-edit", "side")
    gitIn(root, "rm", "-r", "--quiet", "sdk")
    gitIn(root, "commit", "--quiet", "--message", "Away")
    commitIn(root, { "sdk/back.ts": "1\n" }, "Back")
    const { git } = await historyOf(place, "sdk.git", "sdk")
    const subjects = git("log", "--format=%s %p", "--topo-order", "main").split("\n")
    assert.match(subjects[2] ?? "", /^Merge branch 'side' \w+ \w+$/)
    assert.equal(git("ls-tree", "main^"), "")
    assert.equal(git("ls-tree", "--name-only", "main"), "back.ts")
  })
})
