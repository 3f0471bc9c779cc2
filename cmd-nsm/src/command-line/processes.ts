import type { Command } from "commander"
import { endProcesses } from "../commands/end-processes.ts"
import { meantPlayground } from "../session/playgrounds.ts"
import type { Format } from "../view/output.ts"
import type { Environment } from "./environment.ts"
import { output, subcommand, whichPlayground } from "./options.ts"

interface Options {
  readonly name?: string
  readonly force?: boolean
  readonly output: Format
}

const verbs = {
  restart: "end processes of a playground and start them again, also those that are down",
  kill: "end processes of a playground and leave them down, until nsm restart",
} as const

/** `nsm restart` and `nsm kill`: what a mesh has to outlive. */
export function processCommands(root: Command, { context }: Environment): void {
  for (const verb of ["restart", "kill"] as const) {
    subcommand(root, verb, verbs[verb])
      .argument("<process...>", "their names, as status -o wide shows them")
      .option("--force", "by SIGKILL, which gives them no time for an orderly end")
      .addOption(output())
      .addOption(whichPlayground())
      .action(async (names: readonly string[], { name, force = false, output: format }: Options) =>
        endProcesses(
          { verb, names, byForce: force, of: await meantPlayground(name), format },
          context(),
        ),
      )
  }
}
