import { type Call, callScope } from "../../core/call.ts"
import { unlessEnded } from "../../core/ended.ts"
import { givenUp } from "../on-end.ts"
import type { Passage } from "./faults.ts"

/** A way that calls take, disturbed or not. */
export interface Way {
  readonly url: string
  /** Of the gRPC method. */
  readonly path: string
  /** Ends all calls when the transport ends. */
  readonly lifetime: AbortSignal
  /** What befalls this call; nothing when undefined. */
  readonly passage: Passage | undefined
}

/** Waits for a message to arrive; the end of its caller, or of the connection, rejects it. */
export async function carried(
  to: "server" | "client",
  { url, path, lifetime, passage }: Way,
  { clock, deadline, signal }: Call,
): Promise<void> {
  if (!passage) return
  const { broken } = passage
  const ends = AbortSignal.any([signal, lifetime, ...(broken ? [broken] : [])])
  using scope = callScope({ clock, deadline, signal: ends })
  try {
    await unlessEnded(scope.signal, passage.carry(to, scope.signal))
  } catch (failure) {
    throw scope.signal.aborted ? givenUp(scope.signal.reason, url, path) : failure
  }
}
