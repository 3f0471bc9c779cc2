import type { Clone } from "../clone.ts"

/** Reads what all packages of the suite have in common, at a commit; what is not there is empty. */
export async function commonFile(
  { git }: Pick<Clone, "git">,
  commit: string,
  file: string,
): Promise<string> {
  if ((await git("ls-tree", "--name-only", commit, "--", file)) === "") return ""
  return `${await git("show", `${commit}:${file}`)}\n`
}
