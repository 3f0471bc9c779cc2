import { check, type CheckedUpdate } from "../check.ts"
import { startChecks, type StartedChecks } from "../start-checks.ts"
import type { CommandKit } from "./command-kit.ts"
import { stepCommand } from "./step-command.ts"
import { updateTable } from "./update-table.ts"

/** Adds the command of the step `check`. */
export function checkCommand(kit: CommandKit): void {
  stepCommand(kit, {
    name: "check",
    description: "check the dependents of open updates alone; GitHub is asked to do it itself",
    run: async (options): Promise<{ updates: readonly (CheckedUpdate | StartedChecks)[] }> => {
      const updates = options.forge.check ? await startChecks(options) : await check(options)
      return { updates }
    },
    show({ updates }) {
      const rows = updates.map((one) => {
        if (!("verdict" in one)) return one
        const { branch, verdict, failed } = one
        return { branch, outcome: verdict, ...(failed && { why: `${failed.step} failed` }) }
      })
      const logs = updates.flatMap((one) =>
        "failed" in one && one.failed ? [`${one.branch}\n${one.failed.log}`] : [],
      )
      return [updateTable(rows, "No update is unchecked."), ...logs].join("\n\n")
    },
  })
}
