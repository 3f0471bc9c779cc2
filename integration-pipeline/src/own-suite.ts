import { mkdir, mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { type BareForge, bareForge, git, readWorkspaces, tagOf } from "@nsm/dot-github"

/** The suite as it is at HEAD, in a bare repository of its own, every package released as it is. */
export interface OwnSuite extends AsyncDisposable {
  readonly forge: BareForge
  /** A folder for what is built, which goes too. */
  readonly work: string
  /** The folders of the packages. */
  readonly folders: readonly string[]
}

/** Copies the suite out of a checkout. What is not committed stays behind. */
export async function ownSuite(checkout: string): Promise<OwnSuite> {
  const folder = await mkdtemp(join(tmpdir(), "nsm-own-suite-"))
  const path = join(folder, "suite.git")
  const work = join(folder, "work")
  await mkdir(work)
  await git(folder, ["init", "--quiet", "--bare", "--initial-branch=main", path])
  // CI fetches no more than it needs.
  const shallow = "--update-shallow"
  // A package whose update is still under way names what was released before.
  const refs = ["HEAD:refs/heads/main", "refs/tags/*:refs/tags/*"]
  await git(path, ["fetch", "--quiet", "--no-tags", shallow, checkout, ...refs])
  const workspaces = readWorkspaces(checkout)
  const tags = workspaces.map(({ manifest: { name, version = "" } }) => tagOf(name, version))
  const lines = tags.map((tag) => `update refs/tags/${tag} refs/heads/main\n`)
  await git(path, ["update-ref", "--stdin"], { input: lines.join("") })
  const identity = { name: "Pipeline", email: "pipeline@example.org" }
  return {
    forge: bareForge({ path, identity }),
    work,
    folders: workspaces.map((one) => one.folder),
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }),
  }
}
