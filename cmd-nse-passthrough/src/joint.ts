import { createHash } from "node:crypto"

/** Two interfaces that are joined by a bridge, all by their names. */
export interface Joint {
  readonly bridge: string
  readonly ports: readonly [towardsClient: string, towardsEndpoint: string]
}

/**
 * How the parts of a connection's joint are called: as follows from its id here, which stays the same
 * when this process starts anew, so that it finds them again.
 */
export function jointOf(connectionId: string): Joint {
  const mark = createHash("sha256").update(connectionId).digest("hex").slice(0, 10)
  return { bridge: `br-${mark}`, ports: [`in-${mark}`, `out-${mark}`] }
}
