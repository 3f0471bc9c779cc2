/** The client's connection id in the alias of an interface. */
export function clientIdOf(alias: string): string {
  return alias.replace(/^(server|client)-/, "")
}
