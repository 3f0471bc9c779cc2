import { create } from "@bufbuild/protobuf"
import { Header, X509SvidRequestSchema } from "@nsm/api"
import { sentMetadata, withCall } from "../core/call.ts"
import { type Clock, sleep, systemClock } from "../core/clock.ts"
import { unlessEnded } from "../core/ended.ts"
import { NsmError } from "../core/errors.ts"
import { type Log, silentLog } from "../core/log.ts"
import { type Random, systemRandom } from "../core/random.ts"
import { Listeners } from "../tools/listeners.ts"
import { grpcTransport } from "../transport/grpc/transport.ts"
import type { Transport } from "../transport/transport.ts"
import type { Identity, IdentitySource } from "./identity.ts"
import { decodeIdentity } from "./svid-message.ts"
import { workloadWire } from "./workload-service.ts"

/** An identity that the Workload API keeps up to date, until it is disposed. */
export interface WorkloadIdentity extends IdentitySource, AsyncDisposable {
  /** Waits for the first identity; when the signal fires, rejects with its reason. */
  first(signal: AbortSignal): Promise<Identity>
  /** Why the Workload API does not answer now; undefined while it does. */
  readonly failure: NsmError | undefined
}

/** Which Workload API is followed. */
export interface WorkloadApiOptions {
  /** `unix:///path/to/socket` or `tcp://address:port`. */
  readonly url: string
  /** @default systemClock */
  readonly clock?: Clock
  /** @default silentLog */
  readonly log?: Log
  /** @default systemRandom */
  readonly random?: Random
  /** What carries the calls. @default gRPC without TLS, on a connection of its own */
  readonly transport?: Pick<Transport, "client"> & AsyncDisposable
}

/** Pauses between attempts, doubled from the first to the longest. */
const firstPauseMs = 100
const longestPauseMs = 2000

/**
 * Has SPIFFE's Workload API say who this process is, and follows what it says. While it does not
 * answer, it is asked again, and the last identity stays until it expires.
 */
export function workloadApi({
  url,
  clock = systemClock,
  log = silentLog,
  random = systemRandom,
  transport = grpcTransport({ name: "workload", clock, log }),
}: WorkloadApiOptions): WorkloadIdentity {
  const service = transport.client(url, workloadWire)
  const ending = new AbortController()
  const { signal } = ending
  const listeners = new Listeners<Identity>()
  const first = Promise.withResolvers<Identity>()
  let latest: Identity | undefined
  let failure: NsmError | undefined = new NsmError(
    "IDENTITY_MISSING",
    `${url} has not answered yet`,
  )
  let pauseMs = firstPauseMs

  const follow = (): Promise<void> =>
    withCall({ clock, log, signal }, async (plain) => {
      const call = plain.with(sentMetadata, new Map([[Header.spiffeWorkload, "true"]]))
      for await (const answer of service.fetchX509SVID(create(X509SvidRequestSchema), call)) {
        latest = decodeIdentity(answer)
        failure = undefined
        pauseMs = firstPauseMs
        first.resolve(latest)
        listeners.tell(latest)
      }
      throw new NsmError("PEER_UNREACHABLE", `${url} ended the stream of identities`)
    })

  const failed = (thrown: unknown): void => {
    const error = NsmError.from(thrown)
    // Said once, not at each attempt.
    if (failure?.message !== error.message) {
      log.warn("no identity from the Workload API, asking again", { url, error })
    }
    failure = error
  }

  const run = async (): Promise<void> => {
    while (!signal.aborted) {
      await follow().catch((thrown: unknown) => signal.aborted || failed(thrown))
      // Not all processes of a machine at the same moment.
      const pause = pauseMs / 2 + random.integer(pauseMs / 2)
      pauseMs = Math.min(pauseMs * 2, longestPauseMs)
      await sleep(clock, pause, signal).catch(() => {})
    }
  }
  const running = run()

  return {
    get current() {
      if (latest && latest.svid.expiresAt > clock.now()) return latest
      const what = latest
        ? `the identity ${latest.svid.id} has expired`
        : "there is no identity yet"
      throw new NsmError("IDENTITY_MISSING", `${what}, and ${url} gives none`, { cause: failure })
    },
    get failure() {
      return failure
    },
    onChange: (listener) => listeners.add(listener),
    first: (given) => unlessEnded(given, first.promise),
    async [Symbol.asyncDispose]() {
      ending.abort(new NsmError("SHUTTING_DOWN", "the identity is followed no more"))
      await running
      await transport[Symbol.asyncDispose]()
    },
  }
}
