import { chmod, mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join, resolve } from "node:path"
import { buildsFolder } from "./builds.ts"

/** A folder in which packages are built. */
export interface WorkFolder extends AsyncDisposable {
  readonly folder: string
}

/** One of its own, or the given one; what was built goes in any case, tarballs stay where somebody wants them. */
export async function workFolder(given?: string): Promise<WorkFolder> {
  const folder = given ? resolve(given) : await mkdtemp(join(tmpdir(), "nsm-alone-"))
  // Tests run what is built as other users, too.
  if (given === undefined) await chmod(folder, 0o755)
  const gone = given === undefined ? folder : buildsFolder(folder)
  const dispose = () => rm(gone, { recursive: true, force: true })
  return { folder, [Symbol.asyncDispose]: dispose }
}
