import { basename, dirname } from "node:path"
import { type Check, when } from "./check.ts"
import { bare, isSpec, read, sources } from "./files.ts"
import { isSuite } from "./kinds.ts"

/** Names that say nothing about what is inside. */
const vague = /^(utils?|helpers?|common|types)\.[cm]?[jt]s$/

/** A rule that is switched off in place, without saying why. */
const unexplained = /^[^"'`\n]*(\/\/|\/\*) ?(eslint-disable|oxlint-disable(?!.* -- \S))/m

/** Sources are named by what they hold, hide no types and say their exports one by one. */
export const sourceFiles: Check = {
  title: "has sources that follow the style",
  faults: ({ folder, path }) => {
    const files = sources(path)
    return [
      ...entryFaults(read(path, "src/index.ts")),
      ...files.flatMap((file) => nameFaults(file).map((fault) => `${file}: ${fault}`)),
      ...files.flatMap((file) =>
        textFaults(read(path, file) ?? "").map((fault) => `${file}: ${fault}`),
      ),
      ...(isSuite(folder) ? [] : lonelySpecs(files)),
    ]
  },
}

function entryFaults(text: string | undefined): readonly string[] {
  if (text === undefined) return ["src/index.ts: missing"]
  const names = /^export (type )?\{[^}]*\w[^}]*\}/m
  return when(!names.test(bare(text)), "src/index.ts: name what the package exports")
}

function nameFaults(file: string): readonly string[] {
  const name = basename(file)
  return [
    ...when(vague.test(name), "name it by the one thing it holds"),
    ...when(
      !/^[a-z0-9]+(-[a-z0-9]+)*(\.main|\.spec(\.[a-z]+)?)?\.[cm]?[jt]s$/.test(name),
      "write its name-like-this",
    ),
  ]
}

function textFaults(text: string): readonly string[] {
  const code = bare(text)
  return [
    ...when(/^export \*/m.test(code), "export names instead of *"),
    ...when(
      /^export (default\b|\{[^}]*\bas default\b)/m.test(code) && !/oxlint-disable.* -- /.test(text),
      "export a name instead of a default",
    ),
    ...when(
      /(:|<|\||&|\bas|\bextends) *any\b|\bany(\[\])?>/.test(code),
      "say what it is instead of any",
    ),
    ...when(unexplained.test(text), "disable a rule by oxlint-disable-… rule -- reason"),
    ...when(/^\s*(describe|it|context)\.only\(/m.test(code), "run all tests, not only one"),
  ]
}

/** A spec lies in the folder of what it tests, not in a folder of specs. */
function lonelySpecs(files: readonly string[]): readonly string[] {
  const inhabited = new Set(files.filter((file) => !isSpec(file)).map((file) => dirname(file)))
  return files
    .filter((file) => isSpec(file) && !inhabited.has(dirname(file)))
    .map((file) => `${file}: put it beside what it tests`)
}
