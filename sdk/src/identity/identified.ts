import { type Clock, systemClock } from "../core/clock.ts"
import { type Log, silentLog } from "../core/log.ts"
import type { GrpcTransportOptions } from "../transport/grpc/transport.ts"
import type { IdentitySource } from "./identity.ts"
import { mutualTls } from "./mutual-tls.ts"
import { signedTokens } from "./signed-tokens.ts"
import type { TokenSource } from "./token.ts"
import { workloadApi } from "./workload-api.ts"

/** Who a program is to the mesh, until it is disposed. */
export interface Identified extends AsyncDisposable {
  readonly source: IdentitySource
  /** For its gRPC transport. */
  readonly connections: Required<Pick<GrpcTransportOptions, "security" | "tokens">>
  /** For its path segments. */
  readonly tokens: TokenSource
}

/** Where a program's identity comes from. */
export interface IdentifiedOptions {
  /** The Workload API, `unix:///path/to/socket`. */
  readonly url: string
  /** Gives up waiting for the first identity, with its reason. @default never */
  readonly signal?: AbortSignal
  /** @default systemClock */
  readonly clock?: Clock
  /** @default silentLog */
  readonly log?: Log
}

/**
 * What a program that is no daemon needs to speak with the daemons of a mesh.
 *
 * @example
 * await using me = await identified({ url: "unix:///run/authority.sock" })
 * const transport = grpcTransport({ name: "operator", ...me.connections })
 */
export async function identified({
  url,
  signal = new AbortController().signal,
  clock = systemClock,
  log = silentLog,
}: IdentifiedOptions): Promise<Identified> {
  await using undo = new AsyncDisposableStack()
  const source = undo.use(workloadApi({ url, clock, log }))
  await source.first(signal)
  const tokens = signedTokens({ source, clock })
  const kept = undo.move()
  return {
    source,
    connections: { security: mutualTls({ source, clock }), tokens },
    tokens,
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  }
}
