import { open, rename, unlink } from "node:fs/promises"
import { dirname } from "node:path"
import { fromNode } from "../transport/node-error.ts"

/** Writes a file that only its owner may read, in one piece: whatever happens, it is old or new. */
export async function writeSecret(path: string, text: string): Promise<void> {
  const next = `${path}.next`
  try {
    // What is left of an attempt that was cut short.
    await unlink(next).catch(() => {})
    await written(next, text)
    await rename(next, path)
    await synced(dirname(path))
  } catch (thrown) {
    throw fromNode(thrown, `write ${path}`)
  }
}

async function written(path: string, text: string): Promise<void> {
  await using file = await open(path, "wx", 0o600)
  await file.writeFile(text)
  await file.sync()
}

async function synced(directory: string): Promise<void> {
  await using folder = await open(directory)
  await folder.sync()
}
