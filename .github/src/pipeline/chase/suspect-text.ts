import type { Clone } from "../clone.ts"
import { plainText } from "../plain-text.ts"
import { tagOf } from "../releases.ts"
import type { Suspect } from "./blame.ts"
import { code, fenced } from "./markdown.ts"

/** The commits that are suspected, with who made them and what they touch. */
export async function suspectText(copy: Clone, suspect: Suspect): Promise<string> {
  const { folder, name, from, to, commits } = suspect
  const head = `### Suspected in ${folder}`
  if (commits.length === 0) return `${head}\n\nNo commit lies between ${from} and ${to}.`
  const why =
    commits.length === 1
      ? `Between \`${tagOf(name, from)}\` and \`${tagOf(name, to)}\` the failure begins with this commit:`
      : "The failure begins with one of these commits; those before the last fail in another way, which hides whether it would come:"
  const shown = await Promise.all(
    commits.slice(-mostCommits).map(async (one) => shownCommit(copy, one, folder)),
  )
  return [head, why, ...shown].join("\n\n")
}

/** How many commits of which one is to blame are shown. */
const mostCommits = 5

async function shownCommit({ git }: Clone, commit: string, folder: string): Promise<string> {
  const about = await git("show", "--no-patch", "--format=%h%x00%an%x00%s", commit)
  const [short = "", author = "", title = ""] = about.split("\0")
  const stat = ["--first-parent", "-m", "--format=", "--stat=80", commit, "--", folder]
  const lines = (await git("show", ...stat)).split("\n").filter(Boolean)
  const kept = lines.length > 20 ? [...lines.slice(0, 18), "…", lines.at(-1) ?? ""] : lines
  return `**${short}** ${code(plainText(title))} (${author})\n\n${fenced(kept.join("\n"))}`
}
