import type { Argument, Command, Option } from "commander"
import { examples } from "./command-line/examples.ts"
import { nameOf } from "./command-line/options.ts"
import { exitCodes, exitMeanings } from "./exit-code.ts"

/** Everything that the command line takes, in Markdown; made from the commands themselves. */
export function reference(root: Command): string {
  return [
    `# ${root.name()}`,
    root.description(),
    "All of these options but the first may stand before or behind the name of a command:",
    optionTable(root.options),
    ...root.commands.flatMap(chapter),
    "## Exit status",
    exitTable(),
    "`exec` ends with the status of the command that it ran: 127 when there is no such command, 128 and the number of the signal when a signal ended it.",
  ].join("\n\n")
}

/** A command that only groups others is known by them. */
function chapter(command: Command): readonly string[] {
  if (command.commands.length > 0) return command.commands.flatMap(chapter)
  const name = nameOf(command)
  const example = examples[name]
  const options = command.options.filter(({ hidden }) => !hidden)
  return [
    `## ${name}`,
    sentence(command.description()),
    `\`\`\`text\n${name} ${command.usage()}\n\`\`\``,
    ...(command.registeredArguments.length > 0 ? [argumentTable(command.registeredArguments)] : []),
    ...(options.length > 0 ? [optionTable(options)] : []),
    ...(example === undefined ? [] : [`Example: ${code(example)}`]),
  ]
}

function argumentTable(all: readonly Argument[]): string {
  return table(
    ["Argument", "Meaning"],
    all.map((one) => [code(written(one)), details(one)]),
  )
}

function optionTable(all: readonly Option[]): string {
  return table(
    ["Option", "Meaning"],
    all.map((one) => [code(one.flags), details(one)]),
  )
}

function exitTable(): string {
  const names = Object.keys(exitCodes) as (keyof typeof exitCodes)[]
  return table(
    ["Status", "Meaning"],
    names.map((name) => [`${exitCodes[name]}`, exitMeanings[name]]),
  )
}

function written(argument: Argument): string {
  const name = `${argument.name()}${argument.variadic ? "..." : ""}`
  return argument.required ? `<${name}>` : `[${name}]`
}

interface Described {
  readonly description: string
  readonly argChoices?: readonly string[] | undefined
  readonly defaultValue?: unknown
  readonly mandatory?: boolean
}

function details({ description, argChoices, defaultValue, mandatory = false }: Described): string {
  const isGiven = typeof defaultValue === "string" || typeof defaultValue === "number"
  return [
    description,
    ...(mandatory ? ["required"] : []),
    ...(argChoices ? [`one of ${argChoices.map(code).join(", ")}`] : []),
    ...(isGiven ? [`default ${code(`${defaultValue}`)}`] : []),
  ].join("; ")
}

function sentence(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`
}

function code(text: string): string {
  return `\`${text}\``
}

/** Columns as wide as what is in them, as the formatter of this repository writes them. */
function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = head.map((_, column) =>
    Math.max(3, ...[head, ...rows].map((row) => row[column]?.length ?? 0)),
  )
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(" | ")} |`
  return [line(head), line(widths.map((width) => "-".repeat(width))), ...rows.map(line)].join("\n")
}
