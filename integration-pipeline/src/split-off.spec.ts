import assert from "node:assert/strict"
import { appendFile, mkdtemp, readFile } from "node:fs/promises"
import { join as path } from "node:path"
import {
  type Clone,
  clone,
  git,
  join,
  type Manifest,
  slots,
  split,
  type Split,
} from "@nsm/dot-github"
import type { OwnSuite } from "./own-suite.ts"
import { type CommandRun, runCommands, workflowCommands } from "./workflow-run.ts"

/** A package as a repository of its own, and what became of commands in a clone of it. */
interface Tried extends Split {
  readonly commands: readonly string[]
  readonly runs: readonly CommandRun[]
}

/** Whose workflows are run: of the quickest, unless others or all are named. */
const wanted = (process.env["NSM_SPLIT_TESTS"] ?? "api,cmd-nse-supplier").split(",")
const isRun = (folder: string): boolean => wanted.includes(folder) || wanted.includes("all")

/** npm is the one that is there. */
const isDone = (command: string): boolean => command.startsWith("npm install --global ")

/** Splits off each package of a suite; what they are built on has been packed. */
export function splitOff(folders: readonly string[], suiteOf: () => OwnSuite): void {
  let copy: Clone
  let tries: ReadonlyMap<string, Promise<Tried>>

  before(async function () {
    // What others take is theirs to say.
    if (process.env["NSM_SPLIT_TESTS"] !== undefined) this.timeout(3_600_000)
    const { forge, work: packs } = suiteOf()
    copy = await clone({ forge })
    const work = await mkdtemp(path(packs, "split-"))
    const places = slots()
    const begun = folders.map((folder) => {
      const tried = async (): Promise<Tried> => {
        using _ = await places.take()
        return await tryOut({ root: copy.folder, folder, into: path(work, folder), packs })
      }
      return [folder, tried()] as const
    })
    tries = new Map(begun)
    await Promise.allSettled(tries.values())
  })

  after(async () => copy?.[Symbol.asyncDispose]())

  const triedOf = async (folder: string): Promise<Tried> => {
    const tried = await tries.get(folder)
    assert.ok(tried)
    return tried
  }

  for (const folder of folders) {
    it(`${folder} is a repository with its history`, async () => {
      const { into, commits, from } = await triedOf(folder)
      const log = ["log", "--format=%an %ae %ai %s"]
      const there = await git(into, [...log, "HEAD^"])
      assert.equal(there, await git(copy.folder, [...log, from, "--", folder]))
      assert.equal(there.split("\n").length, commits)
      const tree = await git(into, ["rev-parse", "HEAD^^{tree}"])
      assert.equal(tree, await git(copy.folder, ["rev-parse", `${from}:${folder}`]))
    })

    it(`${folder} has a lock file that fits, and a workflow of commands that it has`, async () => {
      const { into, commands, runs } = await triedOf(folder)
      for (const { command, failed } of runs) assert.equal(failed, undefined, command)
      assert.ok(commands.includes("npm ci") && commands.some((one) => one.endsWith(" npm test")))
      const text = await readFile(path(into, "package.json"), "utf8")
      const { scripts = {} } = JSON.parse(text) as Manifest
      const called = commands.flatMap((one) => /npm run (\w+)$/.exec(one)?.[1] ?? [])
      assert.deepEqual(called, ["build", "lint", "format"])
      for (const name of [...called, "test"]) assert.ok(Object.hasOwn(scripts as object, name))
    })

    it(`${folder} goes through its workflow in a clone, without a network`, async function () {
      if (!isRun(folder)) {
        this["skipReason"] = `would take long; NSM_SPLIT_TESTS=${folder} or all runs it`
        this.skip()
      }
      const { commands, runs } = await triedOf(folder)
      assert.deepEqual(
        runs.map(({ command }) => command),
        commands.filter((one) => !isDone(one)),
      )
    })

    it(`${folder} gives back what was changed there`, async () => {
      const { into } = await triedOf(folder)
      await appendFile(path(into, "src/index.ts"), "// Changed there.\n")
      await appendFile(path(into, "package-lock.json"), "\n")
      await git(into, ["commit", "--all", "--quiet", "--message=Change it there"], { env: anna })
      const { commits } = await join({ root: copy.folder, folder, from: into })
      const outcomes = commits.map(({ outcome }) => outcome)
      assert.deepEqual(outcomes, ["joined"])
      const joined = await git(copy.folder, ["log", "-1", "--format=%an: %s", "--name-only"])
      assert.equal(joined, `Anna: Change it there\n\n${folder}/src/index.ts`)
    })
  }
}

const anna = {
  GIT_AUTHOR_NAME: "Anna",
  GIT_AUTHOR_EMAIL: "anna@example.org",
  GIT_COMMITTER_NAME: "Anna",
  GIT_COMMITTER_EMAIL: "anna@example.org",
}

interface TryOptions {
  readonly root: string
  readonly folder: string
  readonly into: string
  /** Where packed packages are. */
  readonly packs: string
}

async function tryOut({ root, folder, into, packs }: TryOptions): Promise<Tried> {
  const made = await split({ root, folder, into, packs: "packs", work: packs })
  // Where somebody else has it.
  const there = `${into}-elsewhere`
  await git(root, ["clone", "--quiet", into, there])
  const commands = await workflowCommands(there)
  const checked = ["npm ci --dry-run"]
  const run = isRun(folder) ? commands.filter((one) => !isDone(one)) : checked
  return { ...made, commands, runs: await runCommands(there, run) }
}
