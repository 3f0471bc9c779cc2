import { mkdir, mkdtemp, rm } from "node:fs/promises"
import { join } from "node:path"
import { fileURLToPath } from "node:url"

/** A folder that goes when it is disposed. */
export interface ReadersFolder extends AsyncDisposable {
  readonly path: string
}

/** Makes a folder as a reader does inside the repository, from where its packages are found. */
export async function readersFolder(): Promise<ReadersFolder> {
  const near = fileURLToPath(new URL("../dist/", import.meta.url))
  await mkdir(near, { recursive: true })
  const path = await mkdtemp(join(near, "tutorial-"))
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) }
}
