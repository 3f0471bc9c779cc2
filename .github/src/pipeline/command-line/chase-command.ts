import { chase } from "../chase/chase.ts"
import type { CommandKit } from "./command-kit.ts"
import { stepCommand } from "./step-command.ts"
import { updateTable } from "./update-table.ts"

/** Adds the command of the step `chase`. */
export function chaseCommand(kit: CommandKit): void {
  stepCommand(kit, {
    name: "chase",
    description: "find which upstream change red updates are red of, and tell the upstream",
    run: async (options) => ({ updates: await chase(options) }),
    show: ({ updates }) => updateTable(updates, "No update is red."),
  })
}
