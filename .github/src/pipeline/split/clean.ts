import { git } from "../git.ts"
import { PipelineError } from "../pipeline-error.ts"

/** Refuses a checkout, or a folder of one, with changes that nobody committed. */
export async function requireClean(checkout: string, folder = "."): Promise<void> {
  const text = await git(checkout, ["status", "--porcelain", "--", folder])
  if (text === "") return
  const [first = "", ...others] = text.split("\n").map((line) => line.slice(3))
  const more = others.length === 0 ? "" : ` and ${others.length} more`
  throw new PipelineError("TREE_DIRTY", `${checkout}: ${first}${more}: not committed`)
}
