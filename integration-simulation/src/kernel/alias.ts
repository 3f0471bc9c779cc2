import type { Interface } from "./interface.ts"
import type { Namespace } from "./namespace.ts"

/** The client's connection id in the alias of an interface, without who the client is. */
export function clientIdOf(alias: string): string {
  return alias.replace(/^(server|client)-/, "").replace(/~[0-9a-f]{16}$/, "")
}

/** The interfaces at a client that lead to its endpoint; more than one is a defect of somebody's. */
export function clientsEnds(home: Namespace, connectionId: string): readonly Interface[] {
  return home.interfaces.filter(
    ({ alias }) => alias.startsWith("server-") && clientIdOf(alias) === connectionId,
  )
}
