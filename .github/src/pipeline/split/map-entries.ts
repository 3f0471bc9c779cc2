import type { LockEntry, LockFile } from "../lock-file.ts"

/** The same lock file with other entries. */
export function mapEntries(
  lock: LockFile,
  other: (place: string, entry: LockEntry) => LockEntry,
): LockFile {
  const entries = Object.entries(lock.packages)
  return {
    ...lock,
    packages: Object.fromEntries(entries.map(([place, one]) => [place, other(place, one)])),
  }
}
