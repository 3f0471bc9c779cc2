import type { EndOptions } from "../playground/playground.ts"
import type { DaemonStatus } from "../playground/status.ts"
import { ask } from "../session/control.ts"
import { sessionDirectory } from "../session/directory.ts"
import { type Format, print, printJson } from "../view/output.ts"
import { daemonTable } from "../view/status-table.ts"
import type { Context } from "./command.ts"

/** What is done to processes of a playground. */
export interface EndProcessesOptions extends EndOptions {
  /** Whether they are started again. */
  readonly verb: "kill" | "restart"
  /** Which playground. */
  readonly of: string
  readonly format: Format
}

/** Ends processes of a playground, starts them again when that is wanted, and prints how they are. */
export async function endProcesses(
  { verb, of, format, ...options }: EndProcessesOptions,
  { progress }: Pick<Context, "progress">,
): Promise<void> {
  const daemons = await ask<DaemonStatus[]>(sessionDirectory(of), verb, options, progress.step)
  if (format === "json") printJson({ schemaVersion: 1, processes: daemons })
  else print(daemonTable(daemons))
}
