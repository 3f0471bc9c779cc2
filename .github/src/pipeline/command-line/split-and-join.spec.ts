import assert from "node:assert/strict"
import { commitIn, gitIn, workplace } from "../split/fixture.ts"
import { program } from "./program.ts"

/** What a command prints when it is called in a checkout. */
async function printed(root: string, ...args: readonly string[]): Promise<string> {
  const lines: string[] = []
  const { signal } = new AbortController()
  const print = (text: string): unknown => lines.push(text)
  await program({ root, signal, print }).parseAsync(args, { from: "user" })
  return lines.join("\n")
}

describe("the commands split and join", function () {
  this.timeout(60_000)

  it("say what they made and what came back", async () => {
    using place = workplace()
    const { root, beside } = place
    gitIn(root, "config", "user.name", "Joiner")
    gitIn(root, "config", "user.email", "joiner@example.org")
    const sdk = beside("sdk")
    const made = await printed(root, "split", "sdk", "--into", sdk)
    assert.match(made, /^sdk is a repository of its own: .*sdk\nIt has 1 commit of the suite, and/)
    assert.match(made, /^ {2}package-lock\.json$/m)
    assert.match(
      made,
      /^Packages of the suite come from npm's registry, once they are published\.$/m,
    )

    const join = ["join", "sdk", "--from", sdk]
    assert.equal(await printed(root, ...join), "Nothing was committed there.")
    const id = commitIn(sdk, { "src/a.ts": "a\n" }, "Add a")
    const patch = await printed(root, ...join, "--patch", beside("a.mbox"))
    assert.match(patch, /^To commit them here: git am --3way --directory=sdk .*a\.mbox$/m)
    const row = `${id.slice(0, 9)}  joined   Add a`
    assert.equal((await printed(root, ...join)).split("\n")[1], row)
    const { commits, schemaVersion } = JSON.parse(await printed(root, ...join, "-o", "json")) as {
      schemaVersion: number
      commits: unknown
    }
    assert.equal(schemaVersion, 1)
    assert.deepEqual(commits, [{ id, subject: "Add a", outcome: "known" }])
  })
})
