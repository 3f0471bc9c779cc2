import { existsSync, readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import type { Manifest } from "../workspaces.ts"

/** npm's lock file: what lies where. */
export interface LockFile {
  readonly packages: Readonly<Record<string, LockEntry>>
  readonly [field: string]: unknown
}

/** What a lock file says about one place. */
export interface LockEntry {
  readonly version?: string
  readonly resolved?: string
  readonly integrity?: string
  readonly dependencies?: Ranges
  readonly devDependencies?: Ranges
  readonly optionalDependencies?: Ranges
  readonly peerDependencies?: Ranges
  readonly peerDependenciesMeta?: Readonly<Record<string, { readonly optional?: boolean }>>
  readonly [field: string]: unknown
}

type Ranges = Readonly<Record<string, string>>

/** The place of a package that is installed for the one at another place. */
export function below(path: string, name: string): string {
  return path === "" ? `node_modules/${name}` : `${path}/node_modules/${name}`
}

/** What a package at a place gets by a name: Node looks beside it first, then further out. */
export function nearest<Found>(
  path: string,
  name: string,
  at: (place: string) => Found | undefined,
): Found | undefined {
  const found = at(below(path, name))
  if (found !== undefined || path === "") return found
  const outer = path.lastIndexOf("/node_modules/")
  return nearest(outer === -1 ? "" : path.slice(0, outer), name, at)
}

/** A lock file as npm writes it. */
export function lockText(lock: LockFile): string {
  return `${JSON.stringify(lock, null, 2)}\n`
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
  const before = lock.packages[folder]
  if (!before) return
  const { version, dependencies, devDependencies } = manifest
  const said = Object.entries({ version, dependencies, devDependencies })
  const given = Object.fromEntries(said.filter(([, value]) => value !== undefined))
  const packages = { ...lock.packages, [folder]: { ...before, ...given } }
  writeFileSync(file, lockText({ ...lock, packages }))
}
