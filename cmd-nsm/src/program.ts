import { readFileSync } from "node:fs"
import { Argument, Command } from "commander"
import { addCommands } from "./command-line/add.ts"
import { auditCommand } from "./command-line/audit.ts"
import { globalOptions, globals, output, subcommand } from "./command-line/options.ts"
import { pathCommands } from "./command-line/path.ts"
import { playgroundCommands } from "./command-line/playground.ts"
import { processCommands } from "./command-line/processes.ts"
import { policyCommands } from "./command-line/policy.ts"
import { ownFolder } from "./own-folder.ts"
import { selectCommand } from "./command-line/select.ts"
import { trustCommands } from "./command-line/trust.ts"
import { workloadCommands } from "./command-line/workloads.ts"
import { completion, shells, type Shell } from "./completion.ts"
import { exitCodes, exitMeanings } from "./exit-code.ts"
import { type Format, print, printJson } from "./view/output.ts"
import { progress } from "./view/progress.ts"

/** The command line of `nsm`. */
export function program(signal: AbortSignal): Command {
  let quiet = false
  const root: Command = new Command("nsm")
    .description("Network Service Mesh: ask for a network service by name, get a virtual wire.")
    .version(version(), "-V, --version", "print the version")
    .hook("preAction", (_root, action) => {
      const given = globals(action)
      quiet = given.quiet
      if (!given.color) process.env["NO_COLOR"] = "1"
    })
    .addHelpText("after", exitHelp())
    .showSuggestionAfterError()
    .showHelpAfterError("See what there is with --help.")
    .configureHelp({
      showGlobalOptions: true,
      // The others are taken behind a command's name too.
      visibleGlobalOptions: () => root.options.filter(({ long }) => long !== "--version"),
    })
    .enablePositionalOptions()
    .exitOverride((error) => {
      process.exit(error.exitCode === 0 ? exitCodes.ok : exitCodes.usage)
    })
  globalOptions(root)
  const environment = { context: () => ({ progress: progress(quiet), signal }) }
  playgroundCommands(root, environment)
  addCommands(root, environment)
  workloadCommands(root, environment)
  processCommands(root, environment)
  selectCommand(root)
  auditCommand(root)
  pathCommands(root)
  trustCommands(root)
  policyCommands(root)

  subcommand(root, "completion", "print a completion script for a shell")
    .addArgument(new Argument("<shell>", "which shell").choices(shells))
    .action((shell: Shell) => print(completion(shell, root)))

  subcommand(root, "version", "print the version")
    .addOption(output())
    .action((options: { output: Format }) =>
      options.output === "json"
        ? printJson({ schemaVersion: 1, client: version() })
        : print(version()),
    )
  return root
}

function exitHelp(): string {
  const names = Object.keys(exitCodes) as (keyof typeof exitCodes)[]
  const list = names.map((name) => `${exitCodes[name]} ${exitMeanings[name]}`)
  return `\nExit status: ${list.join(", ")}.\nNO_COLOR turns colours off.`
}

function version(): string {
  const manifest: unknown = JSON.parse(readFileSync(new URL("package.json", ownFolder), "utf8"))
  return (manifest as { version: string }).version
}
