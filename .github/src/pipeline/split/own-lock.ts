import { mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import type { LockFile } from "../lock-file.ts"
import { packedLock, type PackedLockOptions } from "./packed-lock.ts"
import { registryLock } from "./registry-lock.ts"

/** Which lock file, and where the suite's packages in it come from. */
export interface OwnLockOptions extends Omit<PackedLockOptions, "packs" | "work"> {
  /** A folder of the repository for tarballs. @default none: a registry has them */
  readonly packs?: string | undefined
  /** A folder for what is built, which the next split may be given, too. @default one that goes */
  readonly work?: string | undefined
}

/** The lock file of a split repository. */
export async function ownLock({ packs, work, ...options }: OwnLockOptions): Promise<LockFile> {
  if (packs === undefined) return registryLock(options)
  const place = work ?? (await mkdtemp(join(tmpdir(), "nsm-split-")))
  try {
    return await packedLock({ ...options, packs, work: place })
  } finally {
    if (work === undefined) await rm(place, { recursive: true, force: true })
  }
}
