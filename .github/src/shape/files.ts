import { existsSync, readdirSync, readFileSync } from "node:fs"
import { join, relative } from "node:path"

/** The text of a file of a package, or undefined. */
export function read(folder: string, file: string): string | undefined {
  const path = join(folder, file)
  return existsSync(path) ? readFileSync(path, "utf8") : undefined
}

/** The content of a JSON file that has to be there. */
export function readJson(folder: string, file: string): unknown {
  return JSON.parse(read(folder, file) ?? "null")
}

/** The sources that people write, as paths below the package, sorted. */
export function sources(folder: string): readonly string[] {
  const src = join(folder, "src")
  if (!existsSync(src)) return []
  return readdirSync(src, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)))
    .filter((file) => /\.[cm]?[jt]s$/.test(file) && !file.startsWith("src/gen/"))
    .toSorted()
}

/** Whether a source only serves tests of its own package, and is not published. */
export function isSpec(file: string): boolean {
  return file.includes(".spec.")
}

/** The code without comments and the insides of strings, for a first look without a parser. */
export function bare(text: string): string {
  return withoutComments(text).replaceAll(/"[^"\n]*"|'[^'\n]*'/g, '""')
}

/** The code without comments. Formatted code opens a block comment only at a line's beginning. */
export function withoutComments(text: string): string {
  return text.replaceAll(/^\s*\/\*[\s\S]*?\*\//gm, "").replaceAll(/(^|\s)\/\/.*$/gm, "$1")
}
