import type { Status } from "../playground/status.ts"
import { ask } from "../session/control.ts"
import { sessionDirectory } from "../session/directory.ts"
import { drawing } from "../view/drawing.ts"
import { type Format, print, printJson } from "../view/output.ts"
import { processTable, wireTable } from "../view/status-table.ts"

/** Prints what a playground holds. */
export async function status(name: string, format: Format): Promise<void> {
  const now = await ask<Status>(sessionDirectory(name), "status")
  if (format === "json") return printJson(now)
  print(drawing(now))
  print(`\n${wireTable(now.wires)}`)
  if (format === "wide") print(`\n${processTable(now)}`)
}
