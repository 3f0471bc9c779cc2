/** Several in a sentence. */
export function listed(all: readonly string[]): string {
  return all.length < 2 ? all.join("") : `${all.slice(0, -1).join(", ")} and ${all.at(-1)}`
}

/** On one line as it is: what looks like a person would be told of it. */
export function code(text: string): string {
  return `\`${text.replaceAll("`", "'")}\``
}

/** A block that nothing inside can end. */
export function fenced(text: string, language = ""): string {
  const longest = Math.max(2, ...(text.match(/`+/g) ?? []).map(({ length }) => length))
  const fence = "`".repeat(longest + 1)
  return `${fence}${language}\n${text}\n${fence}`
}
