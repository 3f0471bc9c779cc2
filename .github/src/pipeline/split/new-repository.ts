import { existsSync } from "node:fs"
import { copyFile, rm, writeFile } from "node:fs/promises"
import { join, resolve } from "node:path"
import { git } from "../git.ts"
import { nobodysSettings } from "./settings.ts"
import { whose } from "./whose.ts"

/** A repository in the making, which reads what the suite's one has. */
export interface NewRepository {
  readonly git: (...args: readonly string[]) => Promise<string>
  /** Commits all there is, as who made a commit of the suite, at that time. */
  commit(like: string, message: string): Promise<string>
  /** Takes along what it needs from the suite's repository; from then on it stands alone. */
  dissociate(): Promise<void>
}

/** Where a repository is made, and for whom. */
export interface NewRepositoryOptions {
  readonly path: string
  /** The checkout of the suite. */
  readonly root: string
  readonly signal?: AbortSignal | undefined
}

/** Begins a repository; its branch is `main`. */
export async function newRepository(options: NewRepositoryOptions): Promise<NewRepository> {
  const { path, root, signal } = options
  const inside = (args: readonly string[], env = {}, input = "") =>
    git(path, args, { env: { ...nobodysSettings, ...env }, input, signal })
  await inside(["init", "--quiet", "--initial-branch=main"])
  const inRoot = async (name: string): Promise<string> =>
    resolve(root, await git(root, ["rev-parse", "--git-path", name], { signal }))
  const alternates = join(path, ".git/objects/info/alternates")
  await writeFile(alternates, `${await inRoot("objects")}\n`)
  // Where the history of a checkout is cut off, as in CI, it ends here, too.
  const [ends, ownEnds] = [await inRoot("shallow"), join(path, ".git/shallow")]
  if (existsSync(ends)) await copyFile(ends, ownEnds)
  return {
    git: (...args) => inside(args),
    async commit(like, message) {
      await inside(["add", "--all", "--force"])
      const env = await whose(inside, like)
      await inside(["commit", "--quiet", "--no-verify", "--file=-"], env, message)
      return inside(["rev-parse", "HEAD"])
    },
    async dissociate() {
      await rm(ownEnds, { force: true })
      await inside(["repack", "-a", "-d", "--quiet"])
      await rm(alternates)
    },
  }
}
