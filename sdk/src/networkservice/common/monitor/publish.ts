import type { Connection } from "@nsm/api"
import { createKey } from "../../../core/key.ts"

/** What can become of a connection between requests. */
export type Changes = Partial<Pick<Connection, "path" | "context" | "state">>

/**
 * Tells those who watch what has become of a connection, by its id at this hop. What is not known
 * or changes nothing is not told; of what is just being granted it is told with the grant. Set by
 * `monitor`.
 */
export const publish = createKey<(connectionId: string, changes: Changes) => void>(
  "publish",
  () => {},
)
