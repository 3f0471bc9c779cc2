import { PipelineError } from "../pipeline-error.ts"
import type { Scratch } from "./scratch.ts"
import { splitFolder, splitFrom, trailerFormat } from "./trailers.ts"

/** The commit that made a folder work alone, on top of the folder's own history. */
export interface SplitCommit {
  readonly id: string
  /** The commit of the suite that was split. */
  readonly from: string
  /** What only the repository has, and the suite has in common for all packages. */
  readonly own: readonly string[]
}

/** Finds the newest such commit in what was fetched from a repository. */
export async function splitCommitOf(copy: Scratch, folder: string): Promise<SplitCommit> {
  const format = ["%H", trailerFormat(splitFolder), trailerFormat(splitFrom)].join("%n")
  const found = await copy.git(["log", "-1", `--grep=^${splitFolder}: `, `--format=${format}`])
  const [id = "", split = "", from = ""] = found.split("\n")
  if (split !== folder) {
    const what = id === "" ? "no repository that was split from a suite" : `split from ${split}`
    throw new PipelineError("SPLIT_UNKNOWN", `looked for ${folder}, and this is ${what}`)
  }
  const changes = await copy.git(["diff-tree", "-r", "--no-renames", "--name-status", `${id}^`, id])
  const own = changes.split("\n").flatMap((line) => {
    const [status, file = ""] = line.split("\t")
    return status === "A" || file === "tsconfig.json" ? [file] : []
  })
  return { id, from, own }
}
