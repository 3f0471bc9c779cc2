import type { Status } from "../playground/status.ts"
import { ask } from "../session/control.ts"
import { sessionDirectory } from "../session/directory.ts"
import { drawing } from "../view/drawing.ts"
import { type Format, print } from "../view/output.ts"
import { identityTable, processTable, wireTable } from "../view/status-table.ts"
import { wireProblems } from "../view/wire-problems.ts"

/** Prints what a playground holds. */
export async function status(name: string, format: Format): Promise<void> {
  print(statusText(await currentStatus(name), format))
}

/** What a playground holds now. */
export function currentStatus(name: string): Promise<Status> {
  return ask<Status>(sessionDirectory(name), "status")
}

/** What a playground holds, in one of the formats. */
export function statusText(now: Status, format: Format): string {
  if (format === "json") return JSON.stringify(now, null, 2)
  const parts = [drawing(now), wireTable(now.wires), wireProblems(now.wires), identityTable(now)]
  if (format === "wide") parts.push(processTable(now))
  return parts.filter((part) => part !== "").join("\n\n")
}
