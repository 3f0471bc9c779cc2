import { check } from "../check.ts"
import type { CommandKit } from "./command-kit.ts"
import { stepCommand } from "./step-command.ts"
import { updateTable } from "./update-table.ts"

/** Adds the command of the step `check`. */
export function checkCommand(kit: CommandKit): void {
  stepCommand(kit, {
    name: "check",
    description: "check the dependents of open updates alone, for a bare repository",
    run: async (options) => ({ updates: await check(options) }),
    show({ updates }) {
      const rows = updates.map(({ branch, verdict, failed }) => {
        return { branch, outcome: verdict, ...(failed && { why: `${failed.step} failed` }) }
      })
      const logs = updates.flatMap(({ branch, failed }) =>
        failed ? [`${branch}\n${failed.log}`] : [],
      )
      return [updateTable(rows, "No update is unchecked."), ...logs].join("\n\n")
    },
  })
}
