import assert from "node:assert/strict"
import type { Forge } from "../forge/forge.ts"
import { PipelineError } from "../pipeline-error.ts"
import { found, type Suite } from "../fixture.ts"
import { asJudged, changed, judging, twoStages } from "./fixture.ts"
import type { Progress, StepName } from "./progress.ts"
import { readWaves, wave, type WaveOptions } from "./wave.ts"
import type { Wave } from "./waves.ts"

/** What has been released after the first versions. */
const releases = ({ git }: Suite) =>
  git("tag", "--list", "--sort=refname")
    .split("\n")
    .filter((tag) => !tag.endsWith("@0.1.0"))

const merges = ({ git }: Suite) => Number(git("rev-list", "--count", "--merges", "main"))

const updates = ({ updates: all }: Wave) =>
  all.map(({ branch, stage, builds, merged, released }) => {
    const verdicts = builds.map(({ findings }) => findings?.verdict ?? "none")
    return [stage, branch, verdicts.join(), merged ? "merged" : "", released?.version ?? ""].join(
      " ",
    )
  })

/** A wave that is ended as soon as something has been told. */
async function brokenOff(options: WaveOptions, at: (event: Progress) => boolean): Promise<void> {
  const controller = new AbortController()
  const onProgress = (event: Progress): void => {
    if (at(event)) controller.abort()
  }
  await assert.rejects(wave({ ...options, signal: controller.signal, onProgress }))
  assert.ok(controller.signal.aborted)
}

const isStep = (event: Progress, step: StepName): boolean =>
  event.kind === "step" && event.step === step

describe("a wave", function () {
  // Each case is some hundreds of runs of git.
  this.timeout(300_000)

  it("carries a release to all that are built on it, stage by stage, and then rests", async () => {
    using one = changed()
    const forge = judging(one)
    const [first] = await wave({ forge })
    assert.equal(first?.root, "@nsm/api@0.2.0")
    assert.equal(first?.state, "done")
    assert.deepEqual(first && updates(first), [
      "1 update/sdk/api green merged 0.2.0",
      "2 update/cmd-a/sdk green merged 0.2.0",
      "2 update/cmd-b/sdk green merged 0.2.0",
      "3 update/integration-a/cmd-a green merged 0.2.0",
    ])
    // What is gone is not told of, and nothing stumbles over it.
    const manifest = JSON.parse(one.git("show", "main:package.json")) as object
    const workspaces = ["api", "sdk", "cmd-a", "cmd-b"]
    one.commit({ "package.json": JSON.stringify({ ...manifest, workspaces }) })
    const [shorter] = await readWaves({ forge })
    assert.deepEqual(
      shorter?.updates.map(({ folder }) => folder),
      ["sdk", "cmd-a", "cmd-b"],
    )
    const before = one.git("for-each-ref")
    const told: Progress[] = []
    await wave({ forge, onProgress: (event) => told.push(event) })
    assert.equal(one.git("for-each-ref"), before)
    assert.deepEqual([...new Set(told.map(({ kind }) => kind))], ["step"])
  })

  it("is stopped by a red update in its own branch only, and goes on with the fix", async () => {
    using one = changed()
    const forge = judging(one, { "cmd-b": "@nsm/sdk@0.2.0" })
    const checksOf = () => asJudged(forge, found("green"))
    await brokenOff({ forge, checksOf }, (event) => isStep(event, "chase"))
    const told: Progress[] = []
    const onProgress = (event: Progress) => told.push(event)
    const [red] = await wave({ forge, checksOf, onProgress })
    assert.equal(red?.state, "red")
    assert.ok(told.some(({ kind }) => kind === "reported"))
    assert.deepEqual(red && updates(red), [
      "1 update/sdk/api green merged 0.2.0",
      "2 update/cmd-a/sdk green merged 0.2.0",
      "2 update/cmd-b/sdk red  ",
    ])
    assert.deepEqual(red?.pending, ["update/integration-a/cmd-a"])
    one.change("sdk", "patch", "The fix.")
    const [fixed, ...others] = await wave({ forge, checksOf, onProgress })
    assert.ok(told.some(({ kind }) => kind === "settled"))
    assert.deepEqual(others, [], "the fix is part of the wave")
    assert.equal(fixed?.state, "done")
    assert.deepEqual(fixed && updates(fixed), [
      "1 update/sdk/api green merged 0.2.0",
      "2 update/cmd-a/sdk green merged 0.2.0",
      "2 update/cmd-a/sdk green merged 0.2.1",
      "2 update/cmd-b/sdk red,green merged 0.2.0",
      "3 update/integration-a/cmd-a green merged 0.2.0",
    ])
  })

  it("begins a round anew when somebody else pushes meanwhile", async () => {
    using one = changed(twoStages)
    const inner = judging(one)
    const moved = new PipelineError("BRANCH_MOVED", "main has moved")
    let times = 0
    const forge: Forge = {
      ...inner,
      async merge(proposal) {
        if (times++ > 0) return inner.merge(proposal)
        one.commit({ "theirs.txt": "theirs\n" })
        throw moved
      },
    }
    const told: string[] = []
    const [first] = await wave({ forge, onProgress: ({ kind }) => told.push(kind) })
    assert.equal(first?.state, "done")
    assert.ok(told.includes("again"))
    assert.equal(one.git("show", "main:theirs.txt"), "theirs")
    const racing = { ...inner, merge: async () => Promise.reject(moved) }
    one.change("api", "minor")
    await assert.rejects(wave({ forge: racing }), /BRANCH_MOVED/)
  })
})

describe("a wave that is broken off", function () {
  this.timeout(300_000)

  it("is continued by the next, in whatever step it was: nothing lost, nothing doubled", async () => {
    using one = changed(twoStages)
    const forge = judging(one)
    const moments: readonly ((event: Progress) => boolean)[] = [
      (event) => isStep(event, "release"),
      ({ kind }) => kind === "released",
      (event) => isStep(event, "propagate"),
      ({ kind }) => kind === "opened",
      (event) => isStep(event, "merge"),
      ({ kind }) => kind === "merged",
      ({ kind }) => kind === "released",
    ]
    for (const at of moments) await brokenOff({ forge }, at)
    const [only, ...others] = await wave({ forge })
    assert.deepEqual(others, [])
    assert.equal(only?.state, "done")
    assert.deepEqual(only && updates(only), ["1 update/sdk/api green merged 0.2.0"])
    assert.deepEqual(releases(one), ["@nsm/api@0.2.0", "@nsm/sdk@0.2.0"])
    assert.equal(merges(one), 1)
  })

  it("while it checks is continued, and what was checked is not checked again", async () => {
    using one = changed(twoStages)
    const { forge } = one
    const isChecking = ({ kind }: Progress): boolean => kind === "checking"
    await brokenOff({ forge }, isChecking)
    assert.deepEqual(await forge.findings(one.git("rev-parse", "update/sdk/api")), undefined)
    await brokenOff({ forge }, ({ kind }) => kind === "checked")
    const known = await forge.findings(one.git("rev-parse", "update/sdk/api"))
    assert.equal(known?.verdict, "green", known?.failed?.log)
    const [only] = await wave({ forge })
    assert.deepEqual(only?.updates[0]?.builds[0]?.findings, known)
    assert.equal(only?.state, "done")
    assert.equal(merges(one), 1)
  })
})
