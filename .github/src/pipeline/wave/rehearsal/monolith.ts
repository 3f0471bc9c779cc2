import { chmod } from "node:fs/promises"
import { npm } from "../../alone/npm.ts"
import { type Steps, through } from "../../alone/steps.ts"
import { clone } from "../../clone.ts"
import type { BareForge } from "../../forge/bare-forge.ts"
import type { Findings } from "../../forge/findings.ts"

/** What is run as one, and how long it may take. */
export interface MonolithOptions {
  readonly forge: BareForge
  readonly signal?: AbortSignal | undefined
  /** Tells which step begins. */
  readonly onStep?: (name: string) => void
  /** @default one hour for each step */
  readonly timeoutMs?: number
}

/**
 * Installs, builds and tests all packages together, as one repository without a pipeline would, and
 * keeps in the forge what was found.
 */
export async function monolith(options: MonolithOptions): Promise<Findings> {
  const { forge, signal, onStep = () => {}, timeoutMs = 3_600_000 } = options
  await using copy = await clone({ forge, signal })
  // Tests run some of it as another user, who has to be let in.
  await chmod(copy.folder, 0o755)
  const limits = { cwd: copy.folder, signal, timeoutMs }
  const began = new Date().toISOString()
  async function* all(): Steps {
    const commands = [["ci", "--no-audit", "--no-fund"], ["run", "build"], ["test"]]
    for (const command of commands) {
      const name = `npm ${command.filter((word) => !word.startsWith("--")).join(" ")}`
      onStep(name)
      yield name
      await npm([...command, "--prefer-offline"], limits)
    }
  }
  const { steps, failed } = await through(all())
  const ms = steps.reduce((sum, step) => sum + step.ms, 0)
  const verdict = failed ? "red" : "green"
  const findings = { verdict, began, ms, steps, ...(failed && { failed }) } as const
  await forge.judge(await copy.git("rev-parse", "HEAD"), findings)
  return findings
}
