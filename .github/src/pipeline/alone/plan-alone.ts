import { createHash } from "node:crypto"
import type { Manifest } from "../../workspaces.ts"
import type { Clone } from "../clone.ts"
import { type LockFile, lockText } from "../lock-file.ts"
import { PipelineError } from "../pipeline-error.ts"
import { aloneLock, type Pack } from "./alone-lock.ts"

/** A package at a commit. */
export interface At {
  readonly folder: string
  readonly commit: string
}

/** What a package alone will be. */
export interface Plan extends At {
  readonly manifest: Manifest
  /** What it gets. */
  readonly lock: LockFile
  /** The suite's lock file at that commit. */
  readonly suiteLock: LockFile
  /** The same for the same sources with the same packages around them. */
  readonly key: string
}

/** Reads from a clone what packages are; what is the same in several commits is read once. */
export interface Reader {
  manifest(at: At): Promise<Manifest>
  /** The suite's lock file. */
  lock(commit: string): Promise<LockFile>
  plan(at: At, packs: readonly Pack[]): Promise<Plan>
}

/** Reads packages from a clone. */
export function reader({ git }: Pick<Clone, "git">): Reader {
  const locks = new Map<string, Promise<LockFile>>()
  const manifest = async ({ folder, commit }: At): Promise<Manifest> =>
    JSON.parse(await git("show", `${commit}:${folder}/package.json`)) as Manifest

  const lockAt = async (commit: string): Promise<LockFile> => {
    const [, , blob] = (await git("ls-tree", commit, "--", "package-lock.json")).split(/\s/)
    if (blob === undefined) {
      throw new PipelineError("LOCK_UNFIT", `there is no package-lock.json at ${commit}`)
    }
    const lock = locks.get(blob) ?? git("cat-file", "blob", blob).then(parseLock)
    locks.set(blob, lock)
    return lock
  }

  return {
    manifest,
    lock: lockAt,
    async plan({ folder, commit }, packs) {
      const own = await manifest({ folder, commit })
      const suiteLock = await lockAt(commit)
      const lock = aloneLock({ manifest: own, packs, lock: suiteLock, at: folder })
      const tree = await git("rev-parse", `${commit}:${folder}`)
      const key = createHash("sha256").update(tree).update(lockText(lock)).digest("hex")
      return { folder, commit, manifest: own, suiteLock, lock, key: key.slice(0, 16) }
    },
  }
}

function parseLock(text: string): LockFile {
  return JSON.parse(text) as LockFile
}
