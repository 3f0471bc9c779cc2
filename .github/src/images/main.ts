import { join, resolve } from "node:path"
import { writeFile } from "node:fs/promises"
import { Command, Option } from "commander"
import { exitCodes } from "../pipeline/command-line/exit-code.ts"
import { tellFailure } from "../pipeline/command-line/tell-failure.ts"
import { PipelineError } from "../pipeline/pipeline-error.ts"
import { isCommand } from "../shape/kinds.ts"
import { readWorkspaces, type Workspace } from "../workspaces.ts"
import { buildImages } from "./build-images.ts"
import { imagesPage } from "./page.ts"
import { sizeTable } from "./size-table.ts"

interface Options {
  readonly into: string
  readonly output: "table" | "json"
  readonly page: boolean
}

const root = join(import.meta.dirname, "../../..")

// Ctrl-C ends what runs and takes away what lies in temporary folders.
const controller = new AbortController()
const stop = (): void => controller.abort()
process.on("SIGINT", stop).on("SIGTERM", stop)

const main = new Command("images")
  .description("Builds images of commands, and writes what is in them and how they were made.")
  .argument("[command...]", "folders of commands (default: all)")
  .option("--into <folder>", "where archives and what belongs to them are put", "dist/images")
  .option("--page", "write .github/docs/images.md anew, with all images", false)
  .addOption(new Option("-o, --output <format>").choices(["table", "json"]).default("table"))
  .exitOverride((error) => {
    process.exit(error.exitCode === 0 ? exitCodes.ok : exitCodes.usage)
  })
  .action(async (named: readonly string[], { into, output, page }: Options) => {
    const commands = meant(page ? [] : named)
    const onProgress = (name: string): void => void process.stderr.write(`${name}\n`)
    const { signal } = controller
    const images = await buildImages({ commands, into: resolve(root, into), signal, onProgress })
    if (page) await writeFile(join(root, ".github/docs/images.md"), imagesPage(images))
    const printed =
      output === "table" ? sizeTable(images) : JSON.stringify({ schemaVersion: 1, images }, null, 2)
    process.stdout.write(`${printed}\n`)
  })

function meant(named: readonly string[]): readonly Workspace[] {
  const all = readWorkspaces(root).filter(({ folder }) => isCommand(folder))
  const unknown = named.find((name) => all.every(({ folder }) => folder !== name))
  if (unknown !== undefined) {
    throw new PipelineError("PACKAGE_UNKNOWN", `${unknown} is no command of the suite`)
  }
  return named.length === 0 ? all : all.filter(({ folder }) => named.includes(folder))
}

try {
  await main.parseAsync()
} catch (error) {
  tellFailure(error, controller.signal)
}
