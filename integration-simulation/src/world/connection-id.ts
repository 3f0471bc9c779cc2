import type { Connection } from "@nsm/api"

/** The id that the client gave a connection, which is the first of its path at every hop. */
export function connectionIdOf({ id, path }: Connection): string {
  return path?.pathSegments[0]?.id || id
}
