import { mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises"
import { tmpdir, userInfo } from "node:os"
import { basename, join } from "node:path"

/** What a running playground leaves on disk so that other commands find it. */
export interface SessionRecord {
  /** Process that holds the playground, as seen from outside of it. */
  readonly pid: number
  /** When that process started, in clock ticks since boot: a pid alone may have been given again. */
  readonly startTicks: string
}

/** The folder of one playground: its record, control socket, daemons' sockets and logs. */
export interface SessionDirectory {
  readonly name: string
  readonly path: string
  /** Socket on which the playground takes commands. */
  readonly controlSocket: string
}

/** Names the folder of a playground of this user. Short, because socket paths end at 107 bytes. */
export function sessionDirectory(name: string): SessionDirectory {
  return directoryAt(join(sessionsPath(), name))
}

/** The folder at a path: inside a user namespace, whose user is another, only the path says it. */
export function directoryAt(path: string): SessionDirectory {
  return { name: basename(path), path, controlSocket: join(path, "control.sock") }
}

/** Makes the folder, which nobody else may enter. */
export async function makeDirectory({ path }: SessionDirectory): Promise<void> {
  await mkdir(path, { recursive: true, mode: 0o700 })
}

/** Removes the folder with all that is in it. */
export async function removeDirectory({ path }: SessionDirectory): Promise<void> {
  await rm(path, { recursive: true, force: true })
}

/** Notes which process holds the playground. */
export async function writeRecord({ path }: SessionDirectory, pid: number): Promise<void> {
  const record: SessionRecord = { pid, startTicks: (await startTicks(pid)) ?? "" }
  await writeFile(join(path, "session.json"), JSON.stringify(record))
}

/** The process that holds the playground; undefined when there is none or it has gone. */
export async function liveRecord({ path }: SessionDirectory): Promise<SessionRecord | undefined> {
  let record: SessionRecord
  try {
    record = JSON.parse(await readFile(join(path, "session.json"), "utf8")) as SessionRecord
  } catch {
    return undefined
  }
  return (await startTicks(record.pid)) === record.startTicks ? record : undefined
}

/** Removes folders whose playground has gone without cleaning up; answers their names. */
export async function removeStale(): Promise<string[]> {
  const names = await readdir(sessionsPath()).catch(() => [])
  const removed: string[] = []
  for (const name of names) {
    const directory = sessionDirectory(name)
    if (await liveRecord(directory)) continue
    await removeDirectory(directory)
    removed.push(name)
  }
  return removed
}

function sessionsPath(): string {
  return join(tmpdir(), `nsm-${userInfo().uid}`)
}

/**
 * Field 22 of /proc/pid/stat (proc_pid_stat(5)); the name before it may hold blanks. Undefined for a
 * process that has ended, though nobody may have asked yet how.
 */
async function startTicks(pid: number): Promise<string | undefined> {
  try {
    const stat = await readFile(`/proc/${pid}/stat`, "utf8")
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ")
    return fields[0] === "Z" || fields[0] === "X" ? undefined : fields[19]
  } catch {
    return undefined
  }
}
