import { readFile, writeFile } from "node:fs/promises"
import { join } from "node:path"
import type { SessionDirectory } from "./directory.ts"

/** What a playground leaves on disk so that other commands find it. */
export interface SessionRecord {
  /** Process that holds the playground, as seen from outside of it. */
  readonly pid: number
  /** When that process started, in clock ticks since boot: a pid alone may have been given again. */
  readonly startTicks: string
  /** Whether that process is a command that still brings the playground up. */
  readonly isStarting: boolean
}

/** Notes which process holds the playground. */
export async function writeRecord(
  { path }: SessionDirectory,
  { pid, isStarting }: Pick<SessionRecord, "pid" | "isStarting">,
): Promise<void> {
  const record: SessionRecord = { pid, startTicks: (await startTicks(pid)) ?? "", isStarting }
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

/**
 * When a process started: field 22 of /proc/pid/stat (proc_pid_stat(5)); the name before it may hold
 * blanks. Undefined for a process that has ended, though nobody may have asked yet how.
 */
export async function startTicks(pid: number): Promise<string | undefined> {
  try {
    const stat = await readFile(`/proc/${pid}/stat`, "utf8")
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ")
    return fields[0] === "Z" || fields[0] === "X" ? undefined : fields[19]
  } catch {
    return undefined
  }
}
