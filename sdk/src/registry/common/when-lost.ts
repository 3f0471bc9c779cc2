import { type CallInit, withCall } from "../../core/call.ts"
import { NsmError } from "../../core/errors.ts"
import type { Deletable, Kind, Named, Watchable } from "../kind.ts"
import type { Registry } from "../service.ts"

/** How an entry was lost. */
export interface Lost {
  readonly why: string
  /** For how long the registry had told that it is there; 0 when it never did. */
  readonly toldForMs: number
}

/** How long a registry has to tell what is there when a watch begins. */
const tellMs = 5000

/**
 * Watches one entry until it is not known to be in the registry any more: taken out, or not told of,
 * or the watch is over. Resolves also when the signal fires.
 */
export async function whenLost<
  Entry extends Named,
  Query extends Watchable,
  Response extends Deletable,
>(
  kind: Kind<Entry, Query, Response>,
  next: Registry<Entry, Query, Response>,
  name: string,
  { clock, log, signal }: Pick<CallInit, "clock" | "log" | "signal">,
): Promise<Lost> {
  const silence = new AbortController()
  const unknown = new NsmError("CANCELLED", "the registry does not tell of it")
  using timer = clock.schedule(tellMs, () => silence.abort(unknown))
  const ends = { clock, log, signal: AbortSignal.any([signal, silence.signal]) }
  let toldAt: number | undefined
  const end = await withCall(ends, async (call) => {
    for await (const response of next.find(kind.query(kind.named(name), true), call)) {
      if (kind.entry(response)?.name !== name) continue
      if (response.deleted) return "the registry has taken it out"
      timer[Symbol.dispose]()
      toldAt ??= clock.now()
    }
    return "the registry has ended its watch"
  }).catch((failure: unknown) => NsmError.from(failure).message)
  const why = silence.signal.aborted ? unknown.text : end
  return { why, toldForMs: toldAt === undefined ? 0 : clock.now() - toldAt }
}
