import { create } from "@bufbuild/protobuf"
import { HealthCheckRequestSchema, HealthCheckResponse_ServingStatus as Status } from "@nsm/api"
import { Call, callScope } from "../../core/call.ts"
import { NsmError } from "../../core/errors.ts"
import { healthWire } from "../../transport/health.ts"
import type { Transport } from "../../transport/transport.ts"
import type { Candidate } from "./select.ts"

/** What a race is run with. */
export interface RaceOptions {
  readonly transport: Pick<Transport, "client">
  /** After how long nobody has won. @default 500 ms */
  readonly limitMs?: number
}

/**
 * Asks the hops of the two best candidates for their health at the same time, and puts the one first
 * that answers first. Nothing is requested, so nothing has to be closed. Candidates of different
 * levels do not race, for one of them is only to be asked where the other fails; nor do those of one
 * hop, which both would answer.
 */
export async function race(
  candidates: readonly Candidate[],
  call: Call,
  { transport, limitMs = 500 }: RaceOptions,
): Promise<readonly Candidate[]> {
  const [first, second, ...others] = candidates
  if (!first || !second || !areEqual(first, second)) return candidates
  const { clock, log, signal } = call
  const deadline = Math.min(call.deadline ?? Infinity, clock.now() + limitMs)
  // Ends the loser's question with the race.
  using scope = callScope({ clock, signal, deadline })
  const asking = new Call({ clock, log, signal: scope.signal, deadline })
  const answered = [first, second].map(async (one) => {
    await answers(transport, one.endpoint.url, asking)
    return one
  })
  const winner = await Promise.any(answered).catch(() => first)
  return winner === first ? candidates : [second, first, ...others]
}

function areEqual(a: Candidate, b: Candidate): boolean {
  return a.level === b.level && a.standing === b.standing && a.endpoint.url !== b.endpoint.url
}

/** Resolves when a hop answers that it serves, or that it cannot be asked, which is as lively. */
async function answers(
  transport: RaceOptions["transport"],
  url: string,
  call: Call,
): Promise<void> {
  const health = transport.client(url, healthWire)
  try {
    const { status } = await health.check(create(HealthCheckRequestSchema), call)
    if (status !== Status.SERVING) {
      throw new NsmError("PEER_FAILED", `${url} does not serve now`)
    }
  } catch (failure) {
    if (NsmError.from(failure).reason !== "UNIMPLEMENTED") throw failure
  }
}
