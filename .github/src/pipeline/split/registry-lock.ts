import { aloneLock, type Pack } from "../alone/alone-lock.ts"
import { chosenFor } from "../alone/chosen.ts"
import { type At, reader } from "../alone/plan-alone.ts"
import type { Clone } from "../clone.ts"
import type { Graph } from "../graph.ts"
import type { LockFile } from "../lock-file.ts"
import { mapEntries } from "./map-entries.ts"

/** Which package's lock file is cut from which suite. */
export interface RegistryLockOptions {
  readonly copy: Pick<Clone, "git">
  readonly graph: Graph
  readonly at: At
}

/**
 * The lock file of a package alone that gets the suite's packages from a registry: the released
 * versions that it names. Their checksums are what a registry says once they are there.
 */
export async function registryLock({ copy, graph, at }: RegistryLockOptions): Promise<LockFile> {
  const read = reader(copy)
  const manifest = await read.manifest(at)
  const chosen = await chosenFor({ copy, graph, manifest })
  const packs = await Promise.all(
    chosen.map(async ({ manifest, folder, commit }): Promise<Pack> => {
      return { manifest, lock: await read.lock(commit), at: folder, resolved, integrity: "" }
    }),
  )
  const lock = aloneLock({ manifest, packs, lock: await read.lock(at.commit), at: at.folder })
  return mapEntries(lock, (_, entry) => {
    if (entry.resolved !== resolved) return entry
    const { resolved: _resolved, integrity: _integrity, ...others } = entry
    return others
  })
}

/** Stands for a registry, whichever npm asks there. */
const resolved = "registry"
