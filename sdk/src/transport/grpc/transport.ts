import { type Clock, systemClock } from "../../core/clock.ts"
import { type Log, silentLog } from "../../core/log.ts"
import type { Listener, Transport } from "../transport.ts"
import { type GrpcIdentity, plaintext } from "./identity.ts"
import { listen } from "./listen.ts"
import { Pool } from "./pool.ts"

/** How a gRPC transport behaves. */
export interface GrpcTransportOptions {
  /** Name of the process; errors that leave it carry it as their hop. */
  name: string
  /** @default systemClock */
  clock?: Clock
  /** @default silentLog */
  log?: Log
  /** Who this process is to its peers. @default plaintext */
  identity?: GrpcIdentity
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
  identity = plaintext,
  dialTimeoutMs = 5000,
  shutdownTimeoutMs = 5000,
}: GrpcTransportOptions): Transport {
  const pool = new Pool({ clock, identity, dialTimeoutMs })
  const listeners = new Set<Listener>()
  return {
    client: (url, wire) => pool.client(url, wire),
    async listen(url, exposed) {
      const options = { name, clock, log, identity, shutdownTimeoutMs }
      const listener = await listen(url, exposed, options)
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
