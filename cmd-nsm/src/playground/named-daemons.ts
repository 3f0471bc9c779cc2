import { NsmError } from "@nsm/sdk"

/** Picks processes by name, each once; refuses names that none has. */
export function namedDaemons<T extends { readonly name: string }>(
  names: readonly string[],
  daemons: readonly T[],
): readonly T[] {
  return [...new Set(names)].map((name) => {
    const found = daemons.find((daemon) => daemon.name === name)
    if (found) return found
    const text = `no process of this playground is called "${name}"`
    const all = daemons.map((daemon) => daemon.name).join(", ")
    throw new NsmError("INVALID_CONFIGURATION", text, { remedy: `Choose one of: ${all}` })
  })
}
