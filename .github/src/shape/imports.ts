import { isBuiltin } from "node:module"
import { withoutComments } from "./files.ts"

/** A quote before the word would mean that it stands in a text. */
const forms = [
  /^\s*(?:import|export)\s[\w\s{},*$]*?\bfrom\s*"([^"]+)"/gm,
  /^\s*import\s*"([^"]+)"/gm,
  /^[^"'`\n]*\bimport\(\s*"([^"]+)"/gm,
  /^[^"'`\n]*\bresolve\(\s*"(@[^"]+)"/gm,
]

/** What a module imports, in whichever form, as it is written there. */
export function importsOf(text: string): readonly string[] {
  const code = withoutComments(text)
  return forms.flatMap((form) => [...code.matchAll(form)].map(([, from = ""]) => from))
}

/** The package that an import leads to; undefined for files of one's own and parts of Node. */
export function packageOf(specifier: string): string | undefined {
  if (/^[./#]/.test(specifier) || isBuiltin(specifier)) return undefined
  const [first = "", second = ""] = specifier.split("/")
  return first.startsWith("@") ? `${first}/${second}` : first
}
