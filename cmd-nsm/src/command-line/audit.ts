import type { Command } from "commander"
import { audit } from "../commands/audit.ts"
import { meantPlayground } from "../session/playgrounds.ts"
import type { Format } from "../view/output.ts"
import { output, subcommand, whichPlayground } from "./options.ts"

interface AuditOptions {
  readonly name?: string
  readonly output: Format
}

/** The command about what wires are in the kernel. */
export function auditCommand(root: Command): void {
  subcommand(
    root,
    "audit",
    "compare the interfaces in the kernel with what connections own; fails when they differ",
  )
    .addOption(whichPlayground())
    .addOption(output())
    .action(async ({ name, output: format }: AuditOptions) =>
      audit(await meantPlayground(name), format),
    )
}
