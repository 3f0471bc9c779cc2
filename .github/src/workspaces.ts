import { readFileSync } from "node:fs"
import { join } from "node:path"

/** What the shape of a package depends on, of its package.json. */
export interface Manifest {
  readonly name: string
  readonly version?: string
  readonly dependencies?: Readonly<Record<string, string>>
  readonly devDependencies?: Readonly<Record<string, string>>
  readonly [field: string]: unknown
}

/** One package of the suite. */
export interface Workspace {
  /** Its folder, which is also what its repository would be called. */
  readonly folder: string
  readonly path: string
  readonly manifest: Manifest
}

/** The packages of the suite, as npm knows them: the root's manifest is the only list. */
export function readWorkspaces(root: string): readonly Workspace[] {
  const { workspaces } = readManifest(root) as { workspaces?: readonly string[] }
  return (workspaces ?? []).map((folder) => readWorkspace(root, folder))
}

/** One package, by its folder. */
export function readWorkspace(root: string, folder: string): Workspace {
  const path = join(root, folder)
  return { folder, path, manifest: readManifest(path) }
}

/** npm takes no name that begins with a dot after the scope. */
export function slug(folder: string): string {
  return folder.replace(/^\./, "dot-")
}

/** Packages of the suite that a package is built on, nearest first; the shared tooling is not one. */
export function upstream(workspace: Workspace, all: readonly Workspace[]): readonly Workspace[] {
  const found = new Set([workspace])
  for (const { manifest } of found) {
    for (const one of all) {
      if (Object.hasOwn(manifest.dependencies ?? {}, one.manifest.name)) found.add(one)
    }
  }
  found.delete(workspace)
  return [...found]
}

function readManifest(path: string): Manifest {
  return JSON.parse(readFileSync(join(path, "package.json"), "utf8")) as Manifest
}
