import { Command, Option } from "commander"
import { aloneCommand } from "./alone-command.ts"
import { chaseCommand } from "./chase-command.ts"
import { checkCommand } from "./check-command.ts"
import type { CommandKit } from "./command-kit.ts"
import { demoCommand } from "./demo-command.ts"
import { exitCodes, exitMeanings } from "./exit-code.ts"
import { graphCommand } from "./graph-command.ts"
import { issuesCommand } from "./issues-command.ts"
import { joinCommand } from "./join-command.ts"
import { mergeCommand } from "./merge-command.ts"
import { propagateCommand } from "./propagate-command.ts"
import { rehearseCommand } from "./rehearse-command.ts"
import { releaseCommand } from "./release-command.ts"
import { splitCommand } from "./split-command.ts"
import { statusCommand } from "./status-command.ts"
import { waveCommand } from "./wave-command.ts"

/** Where the program runs. */
export interface Surroundings {
  /** The checkout whose packages are meant. */
  readonly root: string
  readonly signal: AbortSignal
  readonly print: (text: string) => void
}

/** The command line of `npm run pipeline`. */
export function program({ root, signal, print }: Surroundings): Command {
  const names = Object.keys(exitCodes) as (keyof typeof exitCodes)[]
  const meanings = names.map((name) => `${exitCodes[name]} ${exitMeanings[name]}`).join(", ")
  const main = new Command("pipeline")
    .description("Carries releases to the packages that are built on them, stage by stage.")
    .addHelpText("after", `\nExit status: ${meanings}.\nNO_COLOR turns colours off.`)
    .showSuggestionAfterError()
    .showHelpAfterError("See what there is with --help.")
    .exitOverride((error) => {
      process.exit(error.exitCode === 0 ? exitCodes.ok : exitCodes.usage)
    })

  const command = (name: string, description: string, formats = ["table", "json"]): Command =>
    main
      .command(name)
      .description(description)
      .copyInheritedSettings(main)
      .addOption(
        new Option("-o, --output <format>", "how to print")
          .choices(formats)
          .default(formats[0] ?? ""),
      )
  const json = (value: object): void =>
    print(JSON.stringify({ schemaVersion: 1, ...value }, null, 2))

  const kit: CommandKit = { command, json, print, root, signal }
  graphCommand(kit)
  statusCommand(kit)
  waveCommand(kit)
  // Its steps, in their order.
  releaseCommand(kit)
  propagateCommand(kit)
  checkCommand(kit)
  chaseCommand(kit)
  mergeCommand(kit)
  issuesCommand(kit)
  aloneCommand(kit)
  demoCommand(kit)
  rehearseCommand(kit)
  // Packages alone.
  splitCommand(kit)
  joinCommand(kit)
  return main
}
