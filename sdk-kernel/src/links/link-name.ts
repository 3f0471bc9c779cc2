import { NsmError } from "@nsm/sdk"

/** Bytes of the longest name; the kernel has room for 16 with the final zero. */
export const longestLinkName = 15

/** Throws for a name that the kernel does not take, or takes for a pattern, saying what is wrong. */
export function checkLinkName(name: string): void {
  const problem = problemOf(name)
  if (problem === undefined) return
  throw new NsmError("INTERFACE_NAME_INVALID", `interface name "${name}": ${problem}`)
}

function problemOf(name: string): string | undefined {
  const length = new TextEncoder().encode(name).length
  if (length === 0) return "it is empty"
  if (length > longestLinkName) return `${length} bytes, at most ${longestLinkName} are allowed`
  if (name === "." || name === "..") return "it stands for a folder"
  const [character] = /[/:%\s\p{Cc}]/u.exec(name) ?? []
  return character === undefined
    ? undefined
    : `${JSON.stringify(character)} must not be in it, nor '/', ':', '%' or blanks`
}
