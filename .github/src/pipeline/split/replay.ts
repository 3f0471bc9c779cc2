import { PipelineError } from "../pipeline-error.ts"
import { mailMessage } from "./mail-message.ts"
import type { Scratch } from "./scratch.ts"
import type { SplitCommit } from "./split-commit.ts"
import { joinedFrom, splitFolder, trailerFormat } from "./trailers.ts"
import { whose } from "./whose.ts"
import { withoutOwn } from "./without-own.ts"

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
  const treeOf = withoutOwn(copy, split)
  const env = await whose(copy.git, split.id)
  const tip = await copy.git(["commit-tree", await treeOf(`${split.id}^`)], { env })
  await copy.git(["checkout", "--quiet", "--detach", tip])
  const made: Made[] = []
  for (const { parent, ...one } of commits) {
    const trees = { before: await treeOf(parent), after: await treeOf(one.id) }
    const change = trees.before === trees.after ? undefined : await replayOne(copy, one, trees)
    made.push({ ...one, ...(change !== undefined && { change }) })
  }
  return made
}

interface Commit {
  readonly id: string
  readonly subject: string
  readonly parent: string
}

async function commitsOf(copy: Scratch, { id }: SplitCommit): Promise<readonly Commit[]> {
  const joined = await copy.git(["log", `--format=${trailerFormat(joinedFrom)}`, `${id}^`])
  const known = new Set(joined.split(/\s+/))
  const format = ["%H", "%P", trailerFormat(splitFolder), "%s"].join("%x09")
  const order = ["--reverse", "--topo-order", "--no-merges"]
  const text = await copy.git(["log", ...order, `--format=${format}`, `${id}..HEAD`])
  return text.split("\n").flatMap((line) => {
    const [id = "", parent = "", split = "", subject = ""] = line.split("\t")
    // Somebody may have merged a newer split into an older one.
    return id === "" || split !== "" || known.has(id) ? [] : [{ id, parent, subject }]
  })
}

/** @returns The commit that has the change alone, if the suite has not got it. */
async function replayOne(
  copy: Scratch,
  { id, subject }: Omit<Commit, "parent">,
  { before, after }: { readonly before: string; readonly after: string },
): Promise<string | undefined> {
  const env = await whose(copy.git, id)
  const parent = await copy.git(["commit-tree", before], { env })
  const input = await mailMessage(copy, id)
  const alone = await copy.git(["commit-tree", after, "-p", parent], { env, input })
  try {
    const however = ["--allow-empty", "--keep-redundant-commits"]
    await copy.git(["cherry-pick", ...however, alone], { env })
  } catch (error) {
    const files = await copy.git(["diff", "--name-only", "--diff-filter=U"])
    if (files === "") throw error
    const where = files.split("\n").join(", ")
    const what = `${id.slice(0, 9)} "${subject}" changes lines of ${where} that the split made`
    throw new PipelineError("JOIN_CONFLICT", what, { cause: error })
  }
  const [now, tree, was] = (
    await copy.git(["rev-parse", "HEAD", "HEAD^{tree}", "HEAD^^{tree}"])
  ).split("\n")
  return tree === was ? undefined : now
}

/** A merge is left out; what only it changed would be lost. */
async function refuseMergesWithChanges(copy: Scratch, { id, own }: SplitCommit): Promise<void> {
  const others = [".", ...own.map((file) => `:(exclude,literal)${file}`)]
  const what = ["--merges", "--remerge-diff", "--format=%h %s", "--name-only"]
  const text = await copy.git(["log", ...what, `${id}..HEAD`, "--", ...others])
  const [merge = "", , file = ""] = text.split("\n")
  if (file === "") return
  throw new PipelineError("JOIN_CONFLICT", `the merge ${merge} changes ${file} itself`)
}
