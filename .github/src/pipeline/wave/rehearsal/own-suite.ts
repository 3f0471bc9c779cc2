import { appendFile, mkdtemp, readFile, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { clone } from "../../clone.ts"
import { type BareForge, bareForge } from "../../forge/bare-forge.ts"
import { git } from "../../git.ts"
import { type Graph, graphOf, nodeOf } from "../../graph.ts"
import { release } from "../../release.ts"
import { readWorkspaces } from "../../../workspaces.ts"

/** The suite as it is at HEAD, in a bare repository of its own, every package released once. */
export interface OwnSuite extends AsyncDisposable {
  readonly forge: BareForge
  readonly graph: Graph
}

/** What the suite is taken from. */
export interface OwnSuiteOptions {
  /** The checkout; what is not committed stays behind. */
  readonly root: string
  /** The last package; what it is not built on is left out. @default all packages */
  readonly to?: string | undefined
  readonly signal?: AbortSignal | undefined
}

/** Copies the suite out of a checkout and releases each package as it is. */
export async function ownSuite({ root, to, signal }: OwnSuiteOptions): Promise<OwnSuite> {
  const folder = await mkdtemp(join(tmpdir(), "nsm-rehearsal-"))
  const remove = async () => rm(folder, { recursive: true, force: true })
  try {
    const path = join(folder, "suite.git")
    await git(folder, ["init", "--quiet", "--bare", "--initial-branch=main", path], { signal })
    // CI fetches no more than it needs.
    const shallow = "--update-shallow"
    await git(path, ["fetch", "--quiet", "--no-tags", shallow, root, "HEAD:refs/heads/main"], {
      signal,
    })
    const forge = bareForge({ path, identity: { name: "Pipeline", email: "pipeline@example.org" } })
    const graph = await prepare({ forge, signal, to })
    await release({ forge, signal })
    return { forge, graph, [Symbol.asyncDispose]: remove }
  } catch (error) {
    await remove()
    throw error
  }
}

/** Takes away release notes, which would be released in the middle of the wave, and what is left out. */
async function prepare({
  to,
  ...options
}: AddOptions & { to?: string | undefined }): Promise<Graph> {
  await using copy = await clone(options)
  const notes = (await copy.git("ls-files", ".changeset/*.md")).split("\n").filter(isNote)
  for (const note of notes) await rm(join(copy.folder, note))
  if (to !== undefined) await leaveOut(copy.folder, to)
  await copy.git("add", "--all")
  await copy.git("commit", "--quiet", "--allow-empty", "-m", "Begin a rehearsal")
  await copy.push("main")
  return graphOf(readWorkspaces(copy.folder))
}

async function leaveOut(root: string, to: string): Promise<void> {
  const graph = graphOf(readWorkspaces(root))
  const kept = new Set([nodeOf(graph, to).name])
  for (const name of kept) for (const link of nodeOf(graph, name).links) kept.add(link.name)
  const file = join(root, "package.json")
  const manifest = JSON.parse(await readFile(file, "utf8")) as { workspaces: readonly string[] }
  const workspaces = manifest.workspaces.filter((folder) => kept.has(nodeOf(graph, folder).name))
  await writeFile(file, `${JSON.stringify({ ...manifest, workspaces }, undefined, 2)}\n`)
}

const isNote = (file: string): boolean => file !== "" && !file.endsWith("/README.md")

/** Adds to a package what breaks nobody, with a note for a minor release. */
export async function addTo(name: string, options: AddOptions): Promise<void> {
  await using copy = await clone(options)
  const { folder, name: full } = nodeOf(graphOf(readWorkspaces(copy.folder)), name)
  const at = (file: string): string => join(copy.folder, file)
  await writeFile(at(`${folder}/src/rehearsal.ts`), addition)
  const index = at(`${folder}/src/index.ts`)
  // A suite that has been through a rehearsal has it already.
  if (!(await readFile(index, "utf8")).includes(exported)) await appendFile(index, exported)
  const note = `---\n"${full}": minor\n---\n\nSays that it has been rehearsed how a release travels.\n`
  await writeFile(at(".changeset/rehearsal.md"), note)
  await copy.git("add", "--all")
  await copy.git("commit", "--quiet", "-m", `Add to ${folder} what breaks nobody`)
  await copy.push("main")
}

interface AddOptions {
  readonly forge: BareForge
  readonly signal?: AbortSignal | undefined
}

const exported = '\nexport { rehearsed } from "./rehearsal.ts"\n'

const addition = `/** That a release of this package has been rehearsed. */
export const rehearsed = true
`
