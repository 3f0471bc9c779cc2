import type { StepOptions } from "../clone.ts"
import type { CommandKit } from "./command-kit.ts"
import { withForge } from "./forge-option.ts"
import { meantForgeToChange } from "./meant-forge.ts"

/** A step as a command. */
export interface StepCommand<Result extends object> {
  readonly name: string
  readonly description: string
  readonly run: (options: StepOptions) => Promise<Result>
  /** The result as text. */
  readonly show: (result: Result) => string
}

/** Adds a command that runs a step on a forge and prints what became of it. */
export function stepCommand<Result extends object>(
  { command, json, print, root, signal }: CommandKit,
  { name, description, run, show }: StepCommand<Result>,
): void {
  withForge(command(name, description)).action(
    async ({ output, forge }: { output: string; forge?: string }) => {
      const result = await run({ forge: await meantForgeToChange(forge, root), signal })
      if (output === "json") json(result)
      else print(show(result))
    },
  )
}
