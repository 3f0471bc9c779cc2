import { propagate } from "../propagate.ts"
import type { CommandKit } from "./command-kit.ts"
import { stepCommand } from "./step-command.ts"
import { updateTable } from "./update-table.ts"

/** Adds the command of the step `propagate`. */
export function propagateCommand(kit: CommandKit): void {
  stepCommand(kit, {
    name: "propagate",
    description: "open, renew and withdraw updates",
    run: async (options) => ({ updates: await propagate(options) }),
    show: ({ updates }) => updateTable(updates, "Every package names the newest releases."),
  })
}
