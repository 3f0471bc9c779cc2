import { existsSync, readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import type { Manifest } from "../workspaces.ts"

interface LockFile {
  readonly packages: Record<string, Record<string, unknown>>
}

/**
 * Writes into npm's lock file what a package's manifest says now. The packages of the suite are
 * only linked there, so nobody has to be asked for anything.
 */
export function lockManifest(root: string, folder: string): void {
  const file = join(root, "package-lock.json")
  if (!existsSync(file)) return
  const lock = JSON.parse(readFileSync(file, "utf8")) as LockFile
  const manifest = JSON.parse(readFileSync(join(root, folder, "package.json"), "utf8")) as Manifest
  const entry = lock.packages[folder]
  if (!entry) return
  for (const field of ["version", "dependencies", "devDependencies"] as const) {
    if (manifest[field] !== undefined) entry[field] = manifest[field]
  }
  writeFileSync(file, `${JSON.stringify(lock, null, 2)}\n`)
}
