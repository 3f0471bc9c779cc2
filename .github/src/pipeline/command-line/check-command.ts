import { check, type CheckedUpdate } from "../check.ts"
import { startChecks, type StartedChecks } from "../start-checks.ts"
import type { CommandKit } from "./command-kit.ts"
import { withForge } from "./forge-option.ts"
import { meantForgeToChange } from "./meant-forge.ts"
import { updateTable } from "./update-table.ts"

/** Adds the command of the step `check`. */
export function checkCommand({ command, json, print, root, signal }: CommandKit): void {
  withForge(
    command("check", "check the dependents of open updates alone; GitHub is asked to do it itself"),
  )
    .option(
      "--again <branch>",
      "check an update that has a verdict, such as a flaky one (repeatable)",
      (branch: string, others: readonly string[]) => [...others, branch],
      [],
    )
    .action(async ({ output, forge: named, again }: Options) => {
      const options = { forge: await meantForgeToChange(named, root), signal }
      const isAsked = options.forge.check && again.length === 0
      const updates = isAsked ? await startChecks(options) : await check({ ...options, again })
      if (output === "json") json({ updates })
      else print(text(updates))
    })
}

interface Options {
  readonly output: string
  readonly forge?: string
  readonly again: readonly string[]
}

function text(updates: readonly (CheckedUpdate | StartedChecks)[]): string {
  const rows = updates.map((one) => {
    if (!("verdict" in one)) return one
    const { branch, verdict, failed } = one
    return { branch, outcome: verdict, ...(failed && { why: `${failed.step} failed` }) }
  })
  const logs = updates.flatMap((one) =>
    "failed" in one && one.failed ? [`${one.branch}\n${one.failed.log}`] : [],
  )
  return [updateTable(rows, "No update is unchecked."), ...logs].join("\n\n")
}
