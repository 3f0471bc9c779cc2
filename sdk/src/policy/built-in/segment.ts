import type { PolicyInput } from "../input.ts"

/** A hop of the path as a denial names it. */
export function segment({ path_segments = [] }: PolicyInput, index: number): string {
  const name = path_segments[index]?.name
  return name === undefined ? `path segment ${index}` : `path segment ${index} (${brief(name)})`
}

/** Text from a peer, for a message: what it is, and no more of it than helps. */
export function brief(text: string): string {
  const quoted = JSON.stringify(text.slice(0, 120))
  return text.length > 120 ? `${quoted}…` : quoted
}
