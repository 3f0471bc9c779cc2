import { Command, Option } from "commander"
import { readWorkspaces } from "../../workspaces.ts"
import { check } from "../check.ts"
import type { StepOptions } from "../clone.ts"
import { graphOf } from "../graph.ts"
import { merge } from "../merge.ts"
import { graphSvg, graphText } from "../picture.ts"
import { propagate } from "../propagate.ts"
import { release } from "../release.ts"
import { status } from "../status.ts"
import { exitCodes, exitMeanings } from "./exit-code.ts"
import { meantForge } from "./meant-forge.ts"
import { statusTable } from "./status-table.ts"
import { table } from "./table.ts"

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

  command("graph", "print which package is built on which", ["text", "json", "svg"]).action(
    ({ output }: { output: string }) => {
      const graph = graphOf(readWorkspaces(root))
      if (output === "json") json({ packages: graph })
      else print((output === "svg" ? graphSvg(graph) : graphText(graph)).trimEnd())
    },
  )

  /** A command that runs a step on a forge. */
  const step = <Result extends object>({ name, description, run, show }: Step<Result>): void => {
    command(name, description)
      .option(
        "-f, --forge <forge>",
        "a bare repository's folder, or github:owner/name (default: origin)",
      )
      .action(async ({ output, forge }: { output: string; forge?: string }) => {
        const result = await run({ forge: await meantForge(forge, root), signal })
        if (output === "json") json(result)
        else print(show(result))
      })
  }
  step({
    name: "status",
    description: "print versions, releases, and the updates that they call for",
    run: async (options) => ({ packages: await status(options) }),
    show: ({ packages }) => statusTable(packages),
  })
  step({
    name: "propagate",
    description: "open, renew and withdraw updates",
    run: async (options) => ({ updates: await propagate(options) }),
    show: ({ updates }) => updateTable(updates, "Every package names the newest releases."),
  })
  step({
    name: "check",
    description: "check the dependents of open updates alone, for a bare repository",
    run: async (options) => ({ updates: await check(options) }),
    show: ({ updates }) => {
      const rows = updates.map(({ branch, verdict, failed }) => {
        return { branch, outcome: verdict, ...(failed && { why: `${failed.step} failed` }) }
      })
      const logs = updates.flatMap(({ branch, failed }) =>
        failed ? [`${branch}\n${failed.log}`] : [],
      )
      return [updateTable(rows, "No update is unchecked."), ...logs].join("\n\n")
    },
  })
  step({
    name: "merge",
    description: "merge updates whose checks are green",
    run: async (options) => ({ updates: await merge(options) }),
    show: ({ updates }) => updateTable(updates, "No update is open."),
  })
  step({
    name: "release",
    description: "make versions, changelogs and tags from the release notes",
    run: async (options) => ({ releases: await release(options) }),
    show: ({ releases }) =>
      releases.length === 0
        ? "Nothing to release."
        : table(
            ["PACKAGE", "VERSION"],
            releases.map(({ name, version }) => [name, version]),
          ),
  })
  return main
}

interface Step<Result> {
  readonly name: string
  readonly description: string
  readonly run: (options: StepOptions) => Promise<Result>
  readonly show: (result: Result) => string
}

interface Row {
  readonly branch: string
  readonly outcome: string
  readonly why?: string
}

function updateTable(updates: readonly Row[], none: string): string {
  if (updates.length === 0) return none
  const rows = updates.map(({ branch, outcome, why = "" }) => [branch, outcome, why])
  return table(["BRANCH", "OUTCOME", "WHY"], rows)
}
