import { appendFile, mkdtemp, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { clone } from "../../clone.ts"
import { type BareForge, bareForge } from "../../forge/bare-forge.ts"
import { git } from "../../git.ts"
import { graphOf, nodeOf } from "../../graph.ts"
import { release } from "../../release.ts"
import { readWorkspaces } from "../../../workspaces.ts"

/** The suite as it is at HEAD, in a bare repository of its own, every package released once. */
export interface OwnSuite extends AsyncDisposable {
  readonly forge: BareForge
}

/** What the suite is taken from. */
export interface OwnSuiteOptions {
  /** The checkout; what is not committed stays behind. */
  readonly root: string
  readonly signal?: AbortSignal | undefined
}

/** Copies the suite out of a checkout and releases each package as it is. */
export async function ownSuite({ root, signal }: OwnSuiteOptions): Promise<OwnSuite> {
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
    await withoutNotes({ forge, signal })
    await release({ forge, signal })
    return { forge, [Symbol.asyncDispose]: remove }
  } catch (error) {
    await remove()
    throw error
  }
}

/** What waits for the next release would be released in the middle of the wave. */
async function withoutNotes(options: { forge: BareForge; signal?: AbortSignal | undefined }) {
  await using copy = await clone(options)
  const notes = (await copy.git("ls-files", ".changeset/*.md")).split("\n").filter(isNote)
  if (notes.length === 0) return
  await copy.git("rm", "--quiet", "--", ...notes)
  await copy.git("commit", "--quiet", "-m", "Take in release notes")
  await copy.push("main")
}

const isNote = (file: string): boolean => file !== "" && !file.endsWith("/README.md")

/** Adds to a package what breaks nobody, with a note for a minor release. */
export async function addTo(
  name: string,
  options: { forge: BareForge; signal?: AbortSignal | undefined },
): Promise<void> {
  await using copy = await clone(options)
  const { folder, name: full } = nodeOf(graphOf(readWorkspaces(copy.folder)), name)
  const at = (file: string): string => join(copy.folder, file)
  await writeFile(at(`${folder}/src/rehearsal.ts`), addition)
  await appendFile(at(`${folder}/src/index.ts`), '\nexport { rehearsed } from "./rehearsal.ts"\n')
  const note = `---\n"${full}": minor\n---\n\nSays that it has been rehearsed how a release travels.\n`
  await writeFile(at(".changeset/rehearsal.md"), note)
  await copy.git("add", "--all")
  await copy.git("commit", "--quiet", "-m", `Add to ${folder} what breaks nobody`)
  await copy.push("main")
}

const addition = `/** That a release of this package has been rehearsed. */
export const rehearsed = true
`
