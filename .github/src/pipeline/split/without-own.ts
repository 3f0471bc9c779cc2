import type { Scratch } from "./scratch.ts"
import type { SplitCommit } from "./split-commit.ts"

/** Writes the trees of commits without the files that only the split repository has. */
export function withoutOwn(
  copy: Scratch,
  { own }: SplitCommit,
): (commit: string) => Promise<string> {
  const env = { GIT_INDEX_FILE: `${copy.folder}/.git/index-without-own` }
  // Most commits are the parent of another one.
  const trees = new Map<string, string>()
  return async (commit) => {
    const known = trees.get(commit)
    if (known !== undefined) return known
    await copy.git(["read-tree", commit], { env })
    await copy.git(["update-index", "--force-remove", "--", ...own], { env })
    const tree = await copy.git(["write-tree"], { env })
    trees.set(commit, tree)
    return tree
  }
}
