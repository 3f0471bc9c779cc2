import { mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { git } from "./git.ts"
import type { Forge } from "./forge/forge.ts"

/** A working copy of what a forge has, which goes when it is done with. */
export interface Clone extends AsyncDisposable {
  readonly folder: string
  /** Runs git there. */
  readonly git: (...args: readonly string[]) => Promise<string>
  /** The commit of a branch of the forge as it was cloned; empty when there is none. */
  commitOf(branch: string): Promise<string>
  /** Pushes what is checked out to a branch, if that is still at the commit as it was cloned. */
  push(branch: string, ...tags: readonly string[]): Promise<void>
}

/** What every step is given. */
export interface StepOptions {
  readonly forge: Forge
  /** Ends the step; the next run goes on where it stopped. */
  readonly signal?: AbortSignal | undefined
}

/** Clones what a forge has now; `main` is checked out. */
export async function clone({ forge: { url, identity }, signal }: StepOptions): Promise<Clone> {
  const folder = await mkdtemp(join(tmpdir(), "nsm-pipeline-"))
  const remove = () => rm(folder, { recursive: true, force: true })
  const inside = (...args: readonly string[]) => git(folder, args, { signal })
  try {
    const who = identity
      ? ["-c", `user.name=${identity.name}`, "-c", `user.email=${identity.email}`]
      : []
    // What is gone in a moment is not worth tidying.
    const untidy = ["-c", "gc.auto=0", "-c", "maintenance.auto=false"]
    await git(folder, ["clone", "--quiet", "--branch=main", ...untidy, ...who, "--", url, "."], {
      signal,
    })
  } catch (error) {
    await remove()
    throw error
  }
  const commitOf = (branch: string) =>
    inside("for-each-ref", "--format=%(objectname)", `refs/remotes/origin/${branch}`)
  return {
    folder,
    git: inside,
    commitOf,
    async push(branch, ...tags) {
      const lease = `--force-with-lease=refs/heads/${branch}:${await commitOf(branch)}`
      const refs = [`HEAD:refs/heads/${branch}`, ...tags.map((tag) => `refs/tags/${tag}`)]
      await inside("push", "--quiet", "--atomic", lease, "origin", ...refs)
    },
    [Symbol.asyncDispose]: remove,
  }
}
