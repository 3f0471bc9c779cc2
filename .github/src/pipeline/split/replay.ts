import { PipelineError } from "../pipeline-error.ts"
import { mailMessage } from "./mail-message.ts"
import type { Scratch } from "./scratch.ts"
import type { SplitCommit } from "./split-commit.ts"
import { joinedFrom, splitFolder, trailerFormat } from "./trailers.ts"
import { whose } from "./whose.ts"

/** A commit that was made in a split repository. */
export interface Made {
  readonly id: string
  readonly subject: string
  /** The same change of the folder as the suite has it; none where only own files changed. */
  readonly change?: string
}

/**
 * Puts what was committed to a split repository onto the history of the folder, as the suite knows
 * it: without the files that only the repository has, and without what was joined before it was
 * split.
 */
export async function replay(copy: Scratch, split: SplitCommit): Promise<readonly Made[]> {
  await refuseMergesWithChanges(copy, split)
  const commits = await commitsOf(copy, split)
  await copy.git(["checkout", "--quiet", "--detach", await withoutOwn(copy, `${split.id}^`, split)])
  const made: Made[] = []
  for (const one of commits) {
    const change = await replayOne(copy, one, split)
    made.push({ ...one, ...(change !== undefined && { change }) })
  }
  return made
}

interface Commit {
  readonly id: string
  readonly subject: string
}

async function commitsOf(copy: Scratch, { id }: SplitCommit): Promise<readonly Commit[]> {
  const joined = await copy.git(["log", `--format=${trailerFormat(joinedFrom)}`, `${id}^`])
  const known = new Set(joined.split(/\s+/))
  const format = ["%H", trailerFormat(splitFolder), "%s"].join("%x09")
  const order = ["--reverse", "--topo-order", "--no-merges"]
  const text = await copy.git(["log", ...order, `--format=${format}`, `${id}..HEAD`])
  return text.split("\n").flatMap((line) => {
    const [id = "", split = "", subject = ""] = line.split("\t")
    // Somebody may have merged a newer split into an older one.
    return id === "" || split !== "" || known.has(id) ? [] : [{ id, subject }]
  })
}

/** @returns The commit that has the change alone, if anything is left of it. */
async function replayOne(
  copy: Scratch,
  { id, subject }: Commit,
  split: SplitCommit,
): Promise<string | undefined> {
  const alone = await withoutOwn(copy, id, split, await withoutOwn(copy, `${id}^`, split))
  const env = await whose(copy.git, id)
  const tree = await copy.git(["rev-parse", "HEAD^{tree}"])
  try {
    await copy.git(["cherry-pick", "--allow-empty", "--keep-redundant-commits", alone], {
      env,
    })
  } catch (error) {
    const files = await copy.git(["diff", "--name-only", "--diff-filter=U"])
    if (files === "") throw error
    const where = files.split("\n").join(", ")
    const what = `${id.slice(0, 9)} "${subject}" changes lines of ${where} that the split made`
    throw new PipelineError("JOIN_CONFLICT", what, { cause: error })
  }
  const now = await copy.git(["rev-parse", "HEAD^{tree}"])
  return now === tree ? undefined : copy.git(["rev-parse", "HEAD"])
}

/** The same commit without the files that only the repository has. */
async function withoutOwn(
  copy: Scratch,
  commit: string,
  { own }: SplitCommit,
  parent?: string,
): Promise<string> {
  const env = { GIT_INDEX_FILE: `${copy.folder}/.git/index-alone` }
  await copy.git(["read-tree", commit], { env })
  await copy.git(["update-index", "--force-remove", "--", ...own], { env })
  const tree = await copy.git(["write-tree"], { env })
  const parents = parent === undefined ? [] : ["-p", parent]
  return copy.git(["commit-tree", tree, ...parents], {
    input: await mailMessage(copy, commit),
    env: await whose(copy.git, commit),
  })
}

/** A merge is left out; what only it changed would be lost. */
async function refuseMergesWithChanges(copy: Scratch, { id, own }: SplitCommit): Promise<void> {
  const others = [".", ...own.map((file) => `:(exclude,literal)${file}`)]
  const format = ["--format=%h %s", "--name-only"]
  const text = await copy.git([
    "log",
    "--merges",
    "--remerge-diff",
    ...format,
    `${id}..HEAD`,
    "--",
    ...others,
  ])
  const [merge = "", , file = ""] = text.split("\n")
  if (file === "") return
  throw new PipelineError("JOIN_CONFLICT", `the merge ${merge} changes ${file} itself`)
}
