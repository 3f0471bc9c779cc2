import { type Command, InvalidArgumentError, Option } from "commander"
import { examples } from "./examples.ts"
import { isName, nameForm } from "../topology/name.ts"
import type { Format } from "../view/output.ts"

/** `-o`: how results are printed. */
export function output(choices: readonly Format[] = ["table", "json"]): Option {
  return new Option("-o, --output <format>", "how to print").choices(choices).default("table")
}

/** `-n`: which playground is meant; `meantPlayground` says which one is without it. */
export function whichPlayground(): Option {
  const description = 'which playground (default: the only one that is up, or "default")'
  return new Option("-n, --name <playground>", description).argParser(playgroundName)
}

/** Reads the name of a playground, which becomes the name of a folder. */
export function playgroundName(text: string): string {
  if (isName(text)) return text
  throw new InvalidArgumentError(`The name of a playground ${nameForm}.`)
}

/** Reads a whole number above 0. */
export function positive(text: string): number {
  const value = Number(text)
  if (Number.isInteger(value) && value > 0) return value
  throw new InvalidArgumentError("Give a whole number above 0.")
}

/** Collects the values of an option that may be given several times. */
export function several(text: string, earlier: readonly string[] = []): readonly string[] {
  return [...earlier, text]
}

/** Collects labels, `key=value` each. */
export function labels(
  text: string,
  earlier: Readonly<Record<string, string>> = {},
): Readonly<Record<string, string>> {
  const [, key, value] = /^([^=]+)=(.*)$/.exec(text) ?? []
  if (key === undefined || value === undefined) {
    throw new InvalidArgumentError("Write a label as key=value.")
  }
  return { ...earlier, [key]: value }
}

/** The options that every command takes, before and behind its name. */
const everywhere = [
  { flags: "-q, --quiet", description: "do not say what is being done", key: "quiet" },
  { flags: "--no-color", description: "do not colour (as NO_COLOR)", key: "color" },
] as const

/** Gives the root the options that every command takes. */
export function globalOptions(root: Command): Command {
  for (const { flags, description } of everywhere) root.option(flags, description)
  return root
}

/** A subcommand that takes the global options too and inherits how errors end the program. */
export function subcommand(parent: Command, name: string, description: string): Command {
  const made = parent.command(name).description(description).copyInheritedSettings(parent)
  for (const { flags } of everywhere) made.addOption(new Option(flags).hideHelp())
  const example = examples[nameOf(made)]
  return example === undefined ? made : made.addHelpText("after", `\nExample: ${example}`)
}

/** A command's name with those of the commands around it, such as `nsm add client`. */
export function nameOf(command: Command): string {
  return withParents(command)
    .map((one) => one.name())
    .toReversed()
    .join(" ")
}

/** What the global options say, wherever they stand. */
export function globals(command: Command): { readonly quiet: boolean; readonly color: boolean } {
  const all = withParents(command)
  return {
    quiet: all.some((one) => one.opts()["quiet"] === true),
    color: all.every((one) => one.opts()["color"] !== false),
  }
}

function withParents(command: Command): readonly Command[] {
  return command.parent ? [command, ...withParents(command.parent)] : [command]
}
