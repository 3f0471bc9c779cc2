import { copyFile, mkdir } from "node:fs/promises"
import { join } from "node:path"
import { buildsFolder, buildsOf, type BuildsOptions } from "../alone/builds.ts"
import type { At } from "../alone/plan-alone.ts"
import type { LockFile } from "../lock-file.ts"
import { mapEntries } from "./map-entries.ts"

/** Which package's lock file, and where tarballs go. */
export interface PackedLockOptions extends BuildsOptions {
  readonly at: At
  /** The repository. */
  readonly path: string
  /** The folder of it for the tarballs. */
  readonly packs: string
}

/**
 * The lock file of a package alone that brings along the suite's packages as tarballs: built from
 * the tags of the released versions that it names.
 */
export async function packedLock(options: PackedLockOptions): Promise<LockFile> {
  const { at, path, packs, ...building } = options
  const { lock } = await buildsOf(building).plan(at)
  const copies: { readonly from: string; readonly to: string }[] = []
  const own = mapEntries(lock, (place, entry) => {
    if (entry.resolved?.startsWith("file:") !== true) return entry
    const name = place
      .replace(/^.*node_modules\//, "")
      .replaceAll(/^@|\//g, (sign) => (sign === "/" ? "-" : ""))
    const to = `${packs}/${name}-${entry.version}.tgz`
    // Seen from the folder in which the package itself would be built.
    const builds = buildsFolder(building.work)
    copies.push({ from: join(builds, "key", entry.resolved.slice("file:".length)), to })
    return { ...entry, resolved: `file:${to}` }
  })
  await mkdir(join(path, packs), { recursive: true })
  for (const { from, to } of copies) await copyFile(from, join(path, to))
  return own
}
