import { existsSync } from "node:fs"
import { writeFile } from "node:fs/promises"
import { join as path, resolve } from "node:path"
import { readWorkspaces } from "../../workspaces.ts"
import { askGit, git } from "../git.ts"
import { graphOf, nodeOf } from "../graph.ts"
import { PipelineError } from "../pipeline-error.ts"
import { apply } from "./apply.ts"
import { requireClean } from "./clean.ts"
import { replay } from "./replay.ts"
import { scratch, type Scratch } from "./scratch.ts"
import { splitCommitOf } from "./split-commit.ts"
import { joinedFrom, trailerFormat } from "./trailers.ts"

/** What is joined to what. */
export interface JoinOptions {
  /** The checkout of the suite. */
  readonly root: string
  readonly folder: string
  /** The split repository: its folder, or an address for git. */
  readonly from: string
  /** A file for the changes as mails, for `git am --directory`; the checkout stays as it is. */
  readonly patch?: string | undefined
  readonly signal?: AbortSignal | undefined
}

/** What became of a commit of the split repository. */
export interface JoinedCommit {
  readonly id: string
  readonly subject: string
  /** `known`: it has been joined before. `own`: it changes only what the repository alone has. */
  readonly outcome: "joined" | "known" | "own"
}

/** What was joined, and which files never are. */
export interface Joined {
  readonly folder: string
  readonly commits: readonly JoinedCommit[]
  /** Files that only the repository has: its changes of them stay there. */
  readonly own: readonly string[]
}

/**
 * Brings what was committed to a split repository back into the suite: as commits on what is
 * checked out, or as a file of patches. Authors, dates and messages stay; a trailer remembers what
 * was joined, so that nothing is applied twice.
 */
export async function join(options: JoinOptions): Promise<Joined> {
  const { root, from, patch, signal } = options
  const { folder } = nodeOf(graphOf(readWorkspaces(root)), options.folder)
  if (patch === undefined) await requireClean(root)
  if (existsSync(path(from, ".git"))) await requireClean(from)
  const known = await joinedIn(root)
  await using copy = await scratch(existsSync(from) ? resolve(from) : from, signal)
  const split = await splitCommitOf(copy, folder)
  await requireCommit(root, split.from)
  const made = await replay(copy, split)
  const fresh = made.flatMap(({ id, change }) =>
    change === undefined || known.has(id) ? [] : [change],
  )
  const mails = await Promise.all(fresh.map((change) => mailOf(copy, change)))
  if (patch !== undefined) await writeFile(patch, mails.join(""))
  else await apply({ root, folder, mails, signal })
  return {
    folder,
    own: split.own,
    commits: made.map(({ id, subject, change }) => {
      const outcome = change === undefined ? "own" : known.has(id) ? "known" : "joined"
      return { id, subject, outcome }
    }),
  }
}

/** What `git am` was given says the same everywhere. */
async function mailOf(copy: Scratch, change: string): Promise<string> {
  const format = ["format-patch", "--stdout", "--no-signature", "--no-renames", "--full-index"]
  return `${await copy.git([...format, "-1", change])}\n`
}

/** The commits of split repositories that are in what is checked out. */
async function joinedIn(root: string): Promise<ReadonlySet<string>> {
  const format = `--format=${trailerFormat(joinedFrom)}`
  const text = await git(root, ["log", `--grep=^${joinedFrom}: `, format])
  return new Set(text.split(/\s+/))
}

async function requireCommit(root: string, commit: string): Promise<void> {
  const { code } = await askGit(root, ["cat-file", "-e", `${commit}^{commit}`], {
    answers: [0, 1, 128],
  })
  if (code === 0) return
  throw new PipelineError("SPLIT_UNKNOWN", `split from ${commit}, which ${root} does not have`)
}
