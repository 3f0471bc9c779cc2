import { existsSync } from "node:fs"
import { basename, dirname, join } from "node:path"
import { readWorkspaces } from "./workspaces.ts"

/**
 * The git checkout of the suite in which a package's folder lies; undefined in an exported tree, and
 * where the package lies alone.
 */
export function suiteCheckout(folder: string): string | undefined {
  const root = dirname(folder)
  if (!existsSync(join(root, ".git")) || !existsSync(join(root, "package.json"))) return undefined
  const folders = readWorkspaces(root).map((one) => one.folder)
  return folders.includes(basename(folder)) ? root : undefined
}
