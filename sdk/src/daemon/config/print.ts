import type { Effective } from "./read-config.ts"
import type { Setting, Settings } from "./setting.ts"

/** What a program says about itself. */
export interface Program {
  readonly name: string
  readonly version: string
  readonly description: string
}

/** The text of `--help`. */
export function helpText({ name, description }: Program, settings: Settings): string {
  const row = (setting: Setting<unknown>): string =>
    [
      `  ${setting.env}${setting.default === "" ? "" : `=${setting.default}`}`,
      ...wrapped(noted(setting), 84).map((line) => `      ${line}`),
    ].join("\n")
  return `${name}: ${description}

Usage: ${name} [options]

Options:
  -h, --help          prints this
  -v, --version       prints the version
  --print-config      prints every setting as it holds, and where it comes from
  -o, --output json   makes that JSON

Settings, all from the environment, with their defaults:
${Object.values(settings).map(row).join("\n")}

Signals: SIGTERM and SIGINT end it in order, a second one at once; SIGUSR1 logs everything, SIGUSR2
logs as configured.
Exit codes: 0 ended in order, 1 failed, 2 wrong option or setting.
`
}

/** The text of `--print-config`: lines that a shell could read, with the source as a comment. */
export function configText(effective: readonly Effective[]): string {
  const lines = effective.map(({ env, value }) => `${env}=${shellWord(value)}`)
  const width = Math.min(60, Math.max(...lines.map((line) => line.length)))
  return effective
    .map(({ source, isUnused }, row) => {
      const note = isUnused ? `${source}, not used yet` : source
      return `${(lines[row] ?? "").padEnd(width)}  # ${note}\n`
    })
    .join("")
}

/** The text of `--print-config -o json`. */
export function configJson(effective: readonly Effective[]): string {
  return `${JSON.stringify({ version: 1, settings: effective }, undefined, 2)}\n`
}

/** The section "Configuration" of a README. */
export function configurationTable(settings: Settings): string {
  const cells = [
    ["Variable", "Default", "Meaning"],
    ...Object.values(settings).map((setting) => [
      `\`${setting.env}\``,
      setting.default === "" ? "" : `\`${setting.default}\``,
      noted(setting).replaceAll("|", String.raw`\|`),
    ]),
  ]
  const widths = [0, 1, 2].map((column) =>
    Math.max(...cells.map((row) => row[column]?.length ?? 0)),
  )
  const line = (row: readonly string[], fill = " "): string =>
    `| ${widths.map((width, column) => (row[column] ?? "").padEnd(width, fill)).join(" | ")} |`
  const [head = [], ...rows] = cells
  return [line(head), line([], "-"), ...rows.map((row) => line(row))].join("\n")
}

function noted({ description, isUnused }: Setting<unknown>): string {
  return isUnused ? `${description} (accepted, not used yet)` : description
}

function shellWord(value: string): string {
  return /^[\w@%+=:,./-]*$/.test(value) ? value : `'${value.replaceAll("'", String.raw`'\''`)}'`
}

function wrapped(text: string, width: number): readonly string[] {
  const lines = [""]
  for (const word of text.split(" ")) {
    const last = lines.at(-1) ?? ""
    if (last !== "" && last.length + 1 + word.length > width) lines.push(word)
    else lines[lines.length - 1] = last === "" ? word : `${last} ${word}`
  }
  return lines
}
