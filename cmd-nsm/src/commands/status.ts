import type { Status } from "../playground/status.ts"
import { ask } from "../session/control.ts"
import { sessionDirectory } from "../session/directory.ts"
import { drawing } from "../view/drawing.ts"
import { type Format, print } from "../view/output.ts"
import { downText, identityTable, processTable, wireTable } from "../view/status-table.ts"
import { wireProblems } from "../view/wire-problems.ts"

/** Prints what a playground holds, and who its processes are. */
export async function status(name: string, format: Format): Promise<void> {
  const now = await currentStatus(name)
  print(statusText(now, format))
  const identities = format === "json" ? "" : identityTable(now)
  if (identities !== "") print(`\n${identities}`)
}

/** What a playground holds now. */
export function currentStatus(name: string): Promise<Status> {
  return ask<Status>(sessionDirectory(name), "status")
}

/** What a playground holds, in one of the formats. */
export function statusText(now: Status, format: Format): string {
  if (format === "json") return JSON.stringify(now, null, 2)
  const parts = [drawing(now), wireTable(now.wires), wireProblems(now.wires), downText(now)]
  if (format === "wide") parts.push(processTable(now))
  return parts.filter((part) => part !== "").join("\n\n")
}
