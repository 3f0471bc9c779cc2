import { lstat, mkdir, rename } from "node:fs/promises"
import { userInfo } from "node:os"
import { join } from "node:path"
import { NsmError } from "@nsm/sdk"
import { directoryAt, removeDirectory, type SessionDirectory, sessionsPath } from "./directory.ts"
import { writeRecord } from "./record.ts"

/**
 * Makes the folder of a playground, which nobody else may enter, for this process. Answers false
 * when there is one already. It appears with its record in it, so that nobody takes it for one that
 * was left behind.
 */
export async function claimDirectory({ path }: SessionDirectory): Promise<boolean> {
  await makeSessionsFolder()
  const draft = directoryAt(join(sessionsPath(), `${draftPrefix}${process.pid}`))
  await mkdir(draft.path, { mode: 0o700 })
  await writeRecord(draft, { pid: process.pid, isStarting: true })
  try {
    await rename(draft.path, path)
    return true
  } catch (failure) {
    await removeDirectory(draft)
    if (isTaken(failure)) return false
    throw failure
  }
}

/** The process that makes a folder which is no playground's yet; undefined for a playground's. */
export function makerOf({ name }: SessionDirectory): number | undefined {
  return name.startsWith(draftPrefix) ? Number(name.slice(draftPrefix.length)) : undefined
}

/** No name of a playground begins so. */
const draftPrefix = ".new-"

/** Anybody may write to the folder for temporary files, and could have made this one first. */
async function makeSessionsFolder(): Promise<void> {
  const path = sessionsPath()
  await mkdir(path, { recursive: true, mode: 0o700 })
  const found = await lstat(path)
  if (found.isDirectory() && found.uid === userInfo().uid) return
  throw new NsmError("PERMISSION_DENIED", `${path} belongs to somebody else`, {
    remedy: "Remove it, or set TMPDIR to a folder of your own.",
  })
}

function isTaken(failure: unknown): boolean {
  const { code } = failure as NodeJS.ErrnoException
  return code === "ENOTEMPTY" || code === "EEXIST"
}
