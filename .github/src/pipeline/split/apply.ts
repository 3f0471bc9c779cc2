import { existsSync } from "node:fs"
import { resolve } from "node:path"
import { git } from "../git.ts"
import { PipelineError } from "../pipeline-error.ts"

/** Which patches go where. */
export interface ApplyOptions {
  readonly root: string
  readonly folder: string
  /** As `git format-patch` writes them. */
  readonly mails: readonly string[]
  readonly signal?: AbortSignal | undefined
}

/** Commits patches of a folder to what is checked out: all of them, or none. */
export async function apply({ root, folder, mails, signal }: ApplyOptions): Promise<void> {
  if (mails.length === 0) return
  const underWay = resolve(root, await git(root, ["rev-parse", "--git-path", "rebase-apply"]))
  if (existsSync(underWay)) {
    throw new PipelineError("TREE_DIRTY", `${root}: a rebase or git am is under way`)
  }
  // The change as it was made, whatever the caller's settings say about mails of people.
  const exactly = ["--keep-cr", "--keep-non-patch", "--no-scissors"]
  try {
    const args = ["am", "--3way", ...exactly, `--directory=${folder}`]
    await git(root, args, { input: mails.join(""), signal })
  } catch (error) {
    if (!existsSync(underWay)) throw error
    await git(root, ["am", "--abort"])
    if (!(error instanceof PipelineError) || error.reason !== "GIT_FAILED") throw error
    throw new PipelineError("JOIN_CONFLICT", conflictOf(error.message), { cause: error })
  }
}

/** Which patch and which files, of all that git says about it. */
function conflictOf(said: string): string {
  const lines = said
    .split("\n")
    .filter((line) => /^(Applying|CONFLICT|error|Patch failed)/.test(line))
  return lines.slice(-6).join("; ") || said
}
