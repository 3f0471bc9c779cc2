import { join, type Joined } from "../split/join.ts"
import type { CommandKit } from "./command-kit.ts"
import { table } from "./table.ts"

/** Adds the command that brings changes of a split repository back. */
export function joinCommand({ command, json, print, root, signal }: CommandKit): void {
  command("join", "commit here what was committed to a repository that was split off")
    .argument("<folder>", "the package")
    .requiredOption("--from <repository>", "the repository: its folder, or an address for git")
    .option("--patch <file>", "write the commits there for git am, and commit nothing")
    .action(async (folder: string, { output, from, patch }: Options) => {
      const joined = await join({ root, folder, from, patch, signal })
      if (output === "json") json(joined)
      else print(text(joined, patch))
    })
}

interface Options {
  readonly output: string
  readonly from: string
  readonly patch?: string
}

const why: Readonly<Record<Joined["commits"][number]["outcome"], string>> = {
  joined: "",
  known: "joined before",
  own: "only files that the repository alone has",
}

function text({ folder, commits, own }: Joined, patch: string | undefined): string {
  if (commits.length === 0) return "Nothing was committed there."
  const rows = commits.map(({ id, outcome, subject }) => {
    return [id.slice(0, 9), outcome, why[outcome] === "" ? subject : `${subject} (${why[outcome]})`]
  })
  const isNew = commits.some(({ outcome }) => outcome === "joined")
  const how = `git am --3way --directory=${folder} ${patch ?? ""}`
  return [
    table(["COMMIT", "OUTCOME", "SUBJECT"], rows),
    `Changes of ${own.join(", ")} stay there.`,
    ...(patch !== undefined && isNew ? [`To commit them here: ${how}`] : []),
  ].join("\n\n")
}
