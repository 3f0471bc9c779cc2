import { existsSync } from "node:fs"
import { chmod, mkdir, mkdtemp, readdir, rename, rm } from "node:fs/promises"
import { dirname, join, resolve } from "node:path"
import { readWorkspaces } from "../../workspaces.ts"
import { git } from "../git.ts"
import { graphOf, nodeOf } from "../graph.ts"
import { PipelineError } from "../pipeline-error.ts"
import { requireClean } from "./clean.ts"
import { writeHistory } from "./history.ts"
import { newRepository } from "./new-repository.ts"
import { writeOwnFiles } from "./own-files.ts"
import { ownLock, type OwnLockOptions } from "./own-lock.ts"
import { splitFolder, splitFrom } from "./trailers.ts"
import { webAddress } from "./web-address.ts"

/** What is split off, and to where. */
export interface SplitOptions extends Pick<OwnLockOptions, "packs" | "work" | "signal"> {
  /** The checkout of the suite; what is committed there is split. */
  readonly root: string
  readonly folder: string
  /** A folder for the repository, which is empty or does not exist. */
  readonly into: string
  /** The suite on the web, for links of documents. @default where the checkout came from */
  readonly suite?: string | undefined
}

/** What was split off. */
export interface Split {
  readonly folder: string
  readonly into: string
  /** The commit of the suite. */
  readonly from: string
  /** How many commits of the suite changed the folder. */
  readonly commits: number
  /** The commit on top of them, which makes the folder work alone. */
  readonly head: string
  /** What that commit writes. */
  readonly files: readonly string[]
}

/**
 * Makes a repository of a folder, with its history, and with a commit on top that makes it work
 * alone. The same commit of the suite gives the same repository.
 */
export async function split(options: SplitOptions): Promise<Split> {
  const { root, packs, work, signal } = options
  const graph = graphOf(readWorkspaces(root))
  const { folder } = nodeOf(graph, options.folder)
  const into = resolve(options.into)
  await requireEmpty(into)
  await requireClean(root, folder)
  const copy = { git: (...args: readonly string[]) => git(root, args, { signal }) }
  const from = await copy.git("rev-parse", "HEAD")
  const at = { folder, commit: from }
  await mkdir(dirname(into), { recursive: true })
  // Under its name only when it is whole.
  const path = await mkdtemp(join(dirname(into), ".split-"))
  try {
    const repository = await newRepository({ path, root, signal })
    const commits = await writeHistory({ into: path, ...at, signal })
    await repository.git("reset", "--quiet", "--hard")
    const lock = await ownLock({ copy, graph, at, path, packs, work, signal })
    const suite = options.suite ?? (await webAddress(root))
    await writeOwnFiles({ path, folder, copy, from, lock, suite })
    const head = await repository.commit(from, messageOf(folder, from))
    const files = await repository.git("diff-tree", "-r", "--name-only", `${head}^`, head)
    await repository.dissociate()
    await chmod(path, 0o755)
    await rename(path, into)
    return { folder, into, from, commits, head, files: files.split("\n") }
  } catch (error) {
    await rm(path, { recursive: true, force: true })
    throw error
  }
}

function messageOf(folder: string, from: string): string {
  return `Make ${folder} work alone

What the suite has in common for its packages: lock file, workflow and settings. Changes of these
stay here when others are joined to the suite.

${splitFrom}: ${from}
${splitFolder}: ${folder}
`
}

async function requireEmpty(into: string): Promise<void> {
  if (!existsSync(into)) return
  const [first] = await readdir(into)
  if (first === undefined) return
  throw new PipelineError("TARGET_TAKEN", `${into} has ${first}`)
}
