import { readFileSync } from "node:fs"

/** Resident memory of a process, in bytes. */
export function residentBytesOf(pid: number): number {
  const status = readFileSync(`/proc/${pid}/status`, "utf8")
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1]) * 1024
}

/** Milliseconds of one tick, in which Linux counts processor time for programs. */
const tickMs = 10

/** Processor time that a process has used, in milliseconds. */
export function processorMsOf(pid: number): number {
  // The program's name stands in brackets and may have spaces.
  const [, fields = ""] = /^.*\) (.*)$/s.exec(readFileSync(`/proc/${pid}/stat`, "utf8")) ?? []
  const [user = 0, system = 0] = fields.split(" ").slice(11, 13).map(Number)
  return (user + system) * tickMs
}
