import { readFileSync } from "node:fs"
import { join } from "node:path"
import { parseJson } from "./pipeline/parse-json.ts"

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
  const { workspaces } = readManifest(root, "") as { workspaces?: readonly string[] }
  return (workspaces ?? []).map((folder) => readWorkspace(root, folder))
}

/** One package, by its folder. */
export function readWorkspace(root: string, folder: string): Workspace {
  return { folder, path: join(root, folder), manifest: readManifest(root, folder) }
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

function readManifest(root: string, folder: string): Manifest {
  const file = join(folder, "package.json")
  const text = readFileSync(join(root, file), "utf8")
  return parseJson(text, { reason: "MANIFEST_UNREADABLE", where: file }) as Manifest
}
