import type { ChildProcess } from "node:child_process"
import { once } from "node:events"

/** How a process ended. */
export interface Exit {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
}

/** Resolves when a process has ended. Ask before it can have. */
export async function exitOf(process: ChildProcess): Promise<Exit> {
  const [code, signal] = (await once(process, "exit")) as [Exit["code"], Exit["signal"]]
  return { code, signal }
}
