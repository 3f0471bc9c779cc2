import assert from "node:assert/strict"
import { chmodSync, readFileSync, statSync, writeFileSync } from "node:fs"
import { join as path } from "node:path"
import type { Files } from "../fixture.ts"
import { commitIn, gitIn, outward, workplace, type Workplace } from "./fixture.ts"
import { join, type Joined } from "./join.ts"
import { split } from "./split.ts"

/** A suite whose sdk has been split off. */
interface Place extends Workplace {
  readonly sdk: string
  readonly joined: (options?: { from?: string; patch?: string }) => Promise<Joined>
  readonly read: (file: string) => string
}

async function splitOff(files: Files = {}): Promise<Place> {
  const place = workplace(files)
  const { root, beside } = place
  for (const [key, value] of [
    ["name", "Joiner"],
    ["email", "j@example.org"],
  ] as const) {
    gitIn(root, "config", `user.${key}`, value)
  }
  const sdk = beside("sdk")
  await split({ root, folder: "sdk", into: sdk })
  return {
    ...place,
    sdk,
    joined: (options = {}) => join({ root, folder: "sdk", from: sdk, ...options }),
    read: (file) => readFileSync(path(root, file), "utf8"),
    [Symbol.dispose]: () => place[Symbol.dispose](),
  }
}

const outcomes = ({ commits }: Joined): readonly string[] =>
  commits.map(({ outcome, subject }) => `${outcome}: ${subject}`)

describe("what is joined to the suite", function () {
  this.timeout(60_000)

  it("is what was committed there, by whom, when and why", async () => {
    using place = await splitOff()
    const { root, sdk } = place
    const message = "Say more: [ä] and ß\n\nSince it was asked for.\n\nRefs: 5"
    const id = commitIn(sdk, { "src/index.ts": "export const a = 1\n", "new.ts": "new\n" }, message)
    assert.deepEqual(outcomes(await place.joined()), ["joined: Say more: [ä] and ß"])
    assert.equal(
      gitIn(root, "log", "-1", "--format=%an <%ae> %aI%n%cn%n%B"),
      `Anna Ångström <anna@example.org> 2026-03-01T12:00:00+01:00\nJoiner\n${message}\nJoined-From: ${id}`,
    )
    assert.equal(place.read("sdk/src/index.ts"), "export const a = 1\n")
    assert.equal(gitIn(root, "diff", "--name-only", "HEAD^"), "sdk/new.ts\nsdk/src/index.ts")
    assert.equal(gitIn(root, "status", "--porcelain"), "")
  })

  it("is applied once, and what has come since after it", async () => {
    using place = await splitOff()
    const { root, sdk } = place
    assert.deepEqual(outcomes(await place.joined()), [])
    commitIn(sdk, { "src/index.ts": "one\n" }, "One")
    await place.joined()
    const head = gitIn(root, "rev-parse", "HEAD")
    assert.deepEqual(outcomes(await place.joined()), ["known: One"])
    assert.equal(gitIn(root, "rev-parse", "HEAD"), head)
    commitIn(sdk, { "src/index.ts": "two\n" }, "Two")
    assert.deepEqual(outcomes(await place.joined()), ["known: One", "joined: Two"])
    assert.equal(place.read("sdk/src/index.ts"), "two\n")
  })

  it("leaves out what only the repository has, and says so", async () => {
    using place = await splitOff()
    commitIn(place.sdk, { "package-lock.json": "{}", ".github/workflows/ci.yaml": "" }, "Own")
    commitIn(place.sdk, { "tsconfig.json": "{}", "src/a.ts": "a\n", ".npmrc": undefined }, "Both")
    const joined = await place.joined()
    assert.deepEqual(outcomes(joined), ["own: Own", "joined: Both"])
    assert.equal(gitIn(place.root, "diff", "--name-only", "HEAD^"), "sdk/src/a.ts")
    assert.ok(joined.own.includes("package-lock.json") && joined.own.includes("tsconfig.json"))
    assert.equal(joined.own.includes("README.md"), false)
  })

  it("can be a file of patches for git am, which is remembered as well", async () => {
    using place = await splitOff()
    const { root, beside } = place
    commitIn(place.sdk, { "src/a.ts": "a\n" }, "One")
    commitIn(place.sdk, { "src/a.ts": "b\n" }, "Two")
    const head = gitIn(root, "rev-parse", "HEAD")
    await place.joined({ patch: beside("sdk.mbox") })
    assert.equal(gitIn(root, "rev-parse", "HEAD"), head)
    gitIn(root, "am", "--quiet", "--directory=sdk", beside("sdk.mbox"))
    assert.equal(place.read("sdk/src/a.ts"), "b\n")
    assert.deepEqual(outcomes(await place.joined()), ["known: One", "known: Two"])
  })

  it("meets what the suite has changed meanwhile", async () => {
    using place = await splitOff()
    const { root, sdk } = place
    commitIn(
      root,
      { "sdk/src/index.ts": "export const a = 7\nexport const b = 2\nexport const c = 3\n" },
      "Ours",
    )
    commitIn(
      sdk,
      { "src/index.ts": "export const a = 1\nexport const b = 2\nexport const c = 9\n" },
      "Theirs",
    )
    await place.joined()
    assert.equal(
      place.read("sdk/src/index.ts"),
      "export const a = 7\nexport const b = 2\nexport const c = 9\n",
    )
  })

  it("is all or nothing where both changed the same", async () => {
    using place = await splitOff()
    const { root, sdk } = place
    commitIn(root, { "sdk/src/index.ts": "ours\n" }, "Ours")
    commitIn(sdk, { "src/fine.ts": "fine\n" }, "Fine")
    commitIn(sdk, { "src/index.ts": "theirs\n" }, "Theirs")
    const head = gitIn(root, "rev-parse", "HEAD")
    await assert.rejects(
      place.joined(),
      /^PipelineError: JOIN_CONFLICT: .*CONFLICT \(content\): Merge conflict in sdk\/src\/index\.ts/,
    )
    assert.equal(gitIn(root, "rev-parse", "HEAD"), head)
    assert.equal(gitIn(root, "status", "--porcelain"), "")
  })

  it("has links as the suite has them", async () => {
    using place = await splitOff(outward)
    const { sdk } = place
    const readme = readFileSync(path(sdk, "README.md"), "utf8")
    commitIn(sdk, { "README.md": readme.replace("One.", "One and two.") }, "Beside")
    await place.joined()
    assert.match(place.read("sdk/README.md"), /\(\.\.\/docs\/tour\.md\)[^]*One and two\.\n$/)
    commitIn(sdk, { "README.md": readme.replace("the tour", "a tour") }, "The line itself")
    await assert.rejects(
      place.joined(),
      /JOIN_CONFLICT: \w{9} "The line itself" changes lines of README\.md that the split made/,
    )
  })

  it("is whole, whatever is in it", async () => {
    using place = await splitOff()
    const { root, sdk } = place
    const binary = String.fromCharCode(...Array(64).keys())
    commitIn(
      sdk,
      { "dos.txt": "a\r\nb\r\n", "image.bin": binary, "run.sh": "#!/bin/sh\n" },
      "[x] Add",
    )
    chmodSync(path(sdk, "run.sh"), 0o755)
    const hard = "Odd\n\nFrom: me\n\n---\n\ndiff -r a b\n-- >8 --\nIndex: x\n\nend"
    commitIn(
      sdk,
      { "dos.txt": "a\r\nc\r\n", "src/index.ts": undefined, "src/moved.ts": "m\n" },
      hard,
    )
    await place.joined()
    for (const file of ["dos.txt", "image.bin", "run.sh", "src/moved.ts"]) {
      assert.equal(
        gitIn(root, "rev-parse", `HEAD:sdk/${file}`),
        gitIn(sdk, "rev-parse", `HEAD:${file}`),
      )
    }
    assert.equal(statSync(path(root, "sdk/run.sh")).mode & 0o111, 0o111)
    assert.equal(gitIn(root, "log", "-1", "--format=%s", "HEAD^"), "[x] Add")
    const lines = gitIn(root, "log", "-1", "--format=%B")
      .split("\n")
      .map((line) => line.trim())
    assert.deepEqual(lines.slice(0, -2), hard.split("\n"))
    assert.deepEqual(outcomes(await place.joined()), ["known: [x] Add", "known: Odd"])
  })

  it("comes through merges, unless they change something themselves", async () => {
    using place = await splitOff()
    const { sdk } = place
    gitIn(sdk, "checkout", "--quiet", "-b", "side")
    commitIn(sdk, { "side.ts": "1\n" }, "Aside")
    gitIn(sdk, "checkout", "--quiet", "main")
    commitIn(sdk, { "main.ts": "1\n" }, "Ahead")
    gitIn(sdk, "merge", "--quiet", "--no-edit", "side")
    assert.deepEqual(outcomes(await place.joined()).toSorted(), ["joined: Ahead", "joined: Aside"])
    gitIn(sdk, "checkout", "--quiet", "-b", "again", "HEAD^")
    commitIn(sdk, { "main.ts": "2\n" }, "Again")
    gitIn(sdk, "merge", "--quiet", "--no-commit", "main")
    commitIn(sdk, { "slipped-in.ts": "1\n" }, "Merge more")
    await assert.rejects(
      place.joined(),
      /JOIN_CONFLICT: the merge \w+ Merge more changes slipped-in\.ts itself/,
    )
  })

  it("goes on after a newer split, whether merged there or begun with", async () => {
    using place = await splitOff()
    const { root, sdk, beside } = place
    commitIn(sdk, { "src/one.ts": "1\n" }, "One")
    await place.joined()
    commitIn(root, { "sdk/src/ours.ts": "1\n" }, "Ours")
    commitIn(sdk, { "src/two.ts": "1\n" }, "Two")
    await split({ root, folder: "sdk", into: beside("newer") })
    gitIn(
      sdk,
      "pull",
      "--quiet",
      "--no-rebase",
      "--no-edit",
      "-X",
      "theirs",
      beside("newer"),
      "main",
    )
    commitIn(sdk, { "src/three.ts": "1\n" }, "Three")
    assert.deepEqual(outcomes(await place.joined()), ["joined: Two", "joined: Three"])
    commitIn(beside("newer"), { "src/four.ts": "1\n" }, "Four")
    assert.deepEqual(outcomes(await place.joined({ from: beside("newer") })), ["joined: Four"])
  })

  it("is refused where something would be lost or is unknown", async () => {
    using place = await splitOff()
    const { root, sdk, beside } = place
    const refused = (reason: RegExp, options = {}) => assert.rejects(place.joined(options), reason)
    writeFileSync(path(sdk, "forgotten.ts"), "")
    await refused(/^PipelineError: TREE_DIRTY: .*sdk: forgotten\.ts: not committed$/)
    commitIn(sdk, {}, "Not any more")
    writeFileSync(path(root, "api/CHANGELOG.md"), "unsaved")
    await refused(/^PipelineError: TREE_DIRTY: .*suite: api\/CHANGELOG\.md: not committed$/)
    gitIn(root, "checkout", "--quiet", ".")
    await refused(/^PipelineError: SPLIT_UNKNOWN: looked for sdk, and this is no/, { from: root })
    await assert.rejects(
      join({ root, folder: "api", from: sdk }),
      /^PipelineError: SPLIT_UNKNOWN: looked for api, and this is split from sdk/,
    )
    await refused(/^PipelineError: FORGE_UNREACHABLE: /, { from: beside("nowhere") })
    const other = beside("other")
    gitIn(root, "clone", "--quiet", root, other)
    const id = commitIn(other, { "sdk/a.ts": "" }, "Pushed nowhere")
    await split({ root: other, folder: "sdk", into: beside("others-sdk") })
    await refused(new RegExp(`SPLIT_UNKNOWN: split from ${id}, which .*suite does not have`), {
      from: beside("others-sdk"),
    })
  })
})
