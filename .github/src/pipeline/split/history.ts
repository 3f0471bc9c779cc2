import { git } from "../git.ts"

/** Which history is written, and where. */
export interface HistoryOptions {
  /** A repository that has the objects of the suite. */
  readonly into: string
  /** The commit of the suite whose history it is. */
  readonly commit: string
  readonly folder: string
  readonly signal?: AbortSignal | undefined
}

interface Commit {
  readonly id: string
  readonly parents: readonly string[]
  readonly author: string
  readonly committer: string
  readonly message: string
}

/**
 * Writes the history of a folder to `main`, as if the folder had always been the root: commits that
 * changed it, with authors, dates and messages. The same history has the same ids each time, as with
 * `git subtree split`, in one go instead of a process for each commit.
 *
 * @returns How many commits it has.
 */
export async function writeHistory(options: HistoryOptions): Promise<number> {
  const { into, signal } = options
  const commits = await commitsOf(options)
  const trees = await treesOf(commits, options)
  const marks = new Map(commits.map(({ id }, index) => [id, `:${index + 1}`]))
  const text = commits.map((commit) => importText(commit, trees.get(commit.id), marks)).join("")
  await git(into, ["fast-import", "--quiet"], { input: text, signal })
  return commits.length
}

/** Git tells the parents that are left when only commits that changed the folder are. */
async function commitsOf(options: HistoryOptions): Promise<readonly Commit[]> {
  const { into, commit, folder, signal } = options
  const fields = ["%H", "%P", "%an <%ae> %ad", "%cn <%ce> %cd", "%B"].join("%n")
  const ways = ["--reverse", "--topo-order", "--parents", "-z", "--date=raw", "--encoding=UTF-8"]
  const args = ["log", ...ways, `--format=${fields}`, commit, "--", folder]
  const text = await git(into, args, { signal })
  const all = text.split("\0").filter((one) => one !== "")
  return all.map((one) => {
    const [id = "", parents = "", author = "", committer = "", ...message] = one.split("\n")
    return {
      id,
      parents: parents.split(" ").filter(Boolean),
      author,
      committer,
      message: message.join("\n"),
    }
  })
}

/** The folder as it was at each commit; there is none where it had been removed. */
async function treesOf(
  commits: readonly Commit[],
  { into, folder, signal }: HistoryOptions,
): Promise<ReadonlyMap<string, string>> {
  const input = commits.map(({ id }) => `${id}:${folder}\n`).join("")
  const text = await git(into, ["cat-file", "--batch-check"], { input, signal })
  const lines = text.split("\n").map((line) => /^(\w+) tree \d+$/.exec(line)?.[1])
  return new Map(
    commits.flatMap(({ id }, index) => {
      const tree = lines[index]
      return tree === undefined ? [] : [[id, tree] as const]
    }),
  )
}

function importText(
  { id, parents, author, committer, message }: Commit,
  tree: string | undefined,
  marks: ReadonlyMap<string, string>,
): string {
  const [first, ...others] = parents.map((parent) => marks.get(parent) ?? "")
  return [
    // Without this a first commit would follow what was written before.
    first === undefined ? "reset refs/heads/main\n\n" : "",
    `commit refs/heads/main\nmark ${marks.get(id)}\n`,
    `author ${author}\ncommitter ${committer}\n`,
    `data ${Buffer.byteLength(message)}\n${message}\n`,
    first === undefined ? "" : `from ${first}\n`,
    ...others.map((other) => `merge ${other}\n`),
    tree === undefined ? "deleteall\n" : `M 040000 ${tree} ""\n`,
    "\n",
  ].join("")
}
