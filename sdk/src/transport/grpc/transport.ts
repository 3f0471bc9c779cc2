import { type Clock, systemClock } from "../../core/clock.ts"
import type { NsmError } from "../../core/errors.ts"
import { type Log, silentLog } from "../../core/log.ts"
import type { TokenSource } from "../../identity/token.ts"
import type { Listener, Transport } from "../transport.ts"
import { listen } from "./listen.ts"
import { Pool } from "./pool.ts"
import { plaintext, type Security } from "./security.ts"
import type { UnixSockets } from "./unix-sockets.ts"

/** How a gRPC transport behaves. */
export interface GrpcTransportOptions {
  /** Name of the process; errors that leave it carry it as their hop. */
  name: string
  /** @default systemClock */
  clock?: Clock
  /** @default silentLog */
  log?: Log
  /** How connections begin. @default plaintext */
  security?: Security
  /** Tokens that go with every call, made for the peer that is called. @default none */
  tokens?: TokenSource
  /** What connections over unix sockets go through, to pass open files. @default nothing */
  unixSockets?: UnixSockets
  /** Told why, of each connection that a listener refused. @default nobody */
  onRefused?: (failure: NsmError) => void
  /** How long a peer may take to answer when it is dialled. @default 5000 */
  dialTimeoutMs?: number
  /** How long calls may take to finish when a listener ends. @default 5000 */
  shutdownTimeoutMs?: number
}

/** Carries calls between processes over gRPC, through unix sockets and TCP. */
export function grpcTransport({
  name,
  clock = systemClock,
  log = silentLog,
  security = plaintext,
  tokens,
  unixSockets,
  onRefused = () => {},
  dialTimeoutMs = 5000,
  shutdownTimeoutMs = 5000,
}: GrpcTransportOptions): Transport {
  const pool = new Pool({ clock, security, unixSockets, tokens, dialTimeoutMs })
  const listeners = new Set<Listener>()
  return {
    client: (url, wire) => pool.client(url, wire),
    async listen(url, exposed) {
      const listener = await listen(url, exposed, {
        ...{ name, clock, log, security, unixSockets, onRefused, shutdownTimeoutMs },
      })
      listeners.add(listener)
      return {
        url: listener.url,
        async [Symbol.asyncDispose]() {
          if (listeners.delete(listener)) await listener[Symbol.asyncDispose]()
        },
      }
    },
    async [Symbol.asyncDispose]() {
      const open = [...listeners]
      listeners.clear()
      await Promise.all(open.map((listener) => listener[Symbol.asyncDispose]()))
      pool[Symbol.dispose]()
    },
  }
}
