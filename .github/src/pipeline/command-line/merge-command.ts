import { merge } from "../merge.ts"
import type { CommandKit } from "./command-kit.ts"
import { stepCommand } from "./step-command.ts"
import { updateTable } from "./update-table.ts"

/** Adds the command of the step `merge`. */
export function mergeCommand(kit: CommandKit): void {
  stepCommand(kit, {
    name: "merge",
    description: "merge updates whose checks are green",
    run: async (options) => ({ updates: await merge(options) }),
    show: ({ updates }) => updateTable(updates, "No update is open."),
  })
}
