import { create } from "@bufbuild/protobuf"
import { HealthCheckRequestSchema, HealthCheckResponse_ServingStatus as Status } from "@nsm/api"
import { withCall } from "../core/call.ts"
import { type Clock, sleep } from "../core/clock.ts"
import { NsmError } from "../core/errors.ts"
import type { Log } from "../core/log.ts"
import { healthWire } from "../transport/health.ts"
import type { Transport } from "../transport/transport.ts"
import type { Need } from "./readiness.ts"

/** Whose health is followed, and what hangs on it. */
export interface FollowHealthOptions {
  readonly transport: Pick<Transport, "client">
  readonly url: string
  /** Met as long as the peer says that it serves. */
  readonly need: Need
  readonly clock: Clock
  readonly log: Log
  /** Milliseconds before a peer that is not there is asked again. @default 500 */
  readonly pauseMs?: number
}

/** Follows a peer's gRPC health until the signal fires. */
export async function followHealth(
  { transport, url, need, clock, log, pauseMs = 500 }: FollowHealthOptions,
  signal: AbortSignal,
): Promise<void> {
  const peer = transport.client(url, healthWire)
  while (!signal.aborted) {
    try {
      await withCall({ clock, log, signal }, async (call) => {
        for await (const { status } of peer.watch(create(HealthCheckRequestSchema), call)) {
          if (status === Status.SERVING) need.met()
          else need.unmet(`${url} does not serve now`)
        }
      })
      need.unmet(`${url} ended the watch of its health`)
    } catch (failure) {
      if (!signal.aborted) need.unmet(NsmError.from(failure).message)
    }
    await sleep(clock, pauseMs, signal).catch(() => {})
  }
}
