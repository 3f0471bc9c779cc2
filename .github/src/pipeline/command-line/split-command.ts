import { InvalidArgumentError } from "commander"
import { isAbsolute, normalize } from "node:path"
import { split, type Split } from "../split/split.ts"
import type { CommandKit } from "./command-kit.ts"

/** Adds the command that makes a repository of a folder. */
export function splitCommand({ command, json, print, root, signal }: CommandKit): void {
  command("split", "make a repository of a package's folder, with its history")
    .argument("<folder>", "the package")
    .requiredOption("--into <dir>", "where the repository goes: an empty or a new folder")
    .option(
      "--packs <folder>",
      "a folder of the repository for tarballs of the suite's packages that it is built on (default: none, npm's registry has them)",
      inside,
    )
    .option("--suite <url>", "the suite on the web, for links of documents (default: origin)")
    .action(async (folder: string, options: Options) => {
      const { output, into, packs, suite } = options
      const made = await split({ root, folder, into, packs, suite, signal })
      if (output === "json") json(made)
      else print(text(made, packs))
    })
}

interface Options {
  readonly output: string
  readonly into: string
  readonly packs?: string
  readonly suite?: string
}

function inside(folder: string): string {
  const path = normalize(folder)
  if (!isAbsolute(path) && !/^\.\.?(\/|$)/.test(path)) return path
  throw new InvalidArgumentError("Name a folder below that of the repository.")
}

function text({ folder, into, commits, files }: Split, packs: string | undefined): string {
  const source = packs === undefined ? "npm's registry, once they are published" : packs
  return [
    `${folder} is a repository of its own: ${into}`,
    `It has ${commits} ${commits === 1 ? "commit" : "commits"} of the suite, and one that makes it work alone:`,
    ...files.map((file) => `  ${file}`),
    `Packages of the suite come from ${source}.`,
  ].join("\n")
}
