import { type Clock, systemClock } from "../../core/clock.ts"
import { NsmError } from "../../core/errors.ts"
import { type Log, silentLog } from "../../core/log.ts"
import type { IdentitySource } from "../../identity/identity.ts"
import type { TokenSource } from "../../identity/token.ts"
import { codecs, type NamedCodecs } from "../codec.ts"
import type { Listener, Transport, Wire } from "../transport.ts"
import { memoryClient } from "./client.ts"
import type { Faults } from "./faults.ts"
import { MemoryNetwork } from "./network.ts"
import { MemoryServer } from "./server.ts"

/** How a process on the in-memory network behaves. */
export interface MemoryTransportOptions {
  /** Name of the process: the hop of its errors, and its address for peers. */
  name: string
  /** What joins processes; two on different networks never meet. @default one of its own */
  network?: MemoryNetwork
  /** @default systemClock */
  clock?: Clock
  /** @default silentLog */
  log?: Log
  /** Who this process is to its peers. @default nobody */
  identity?: IdentitySource
  /** Tokens that go with every call, made for the peer that is called. @default none */
  tokens?: TokenSource
  /** What befalls the calls that this process makes, for tests of bad networks. @default nothing */
  faults?: Faults | undefined
  /** How long calls may take to finish when a listener ends. @default 5000 */
  shutdownTimeoutMs?: number
}

/** Carries calls within one process as if between several, on any clock, with promises only. */
export function memoryTransport({
  name,
  network = new MemoryNetwork(),
  clock = systemClock,
  log = silentLog,
  identity,
  tokens,
  faults,
  shutdownTimeoutMs = 5000,
}: MemoryTransportOptions): Transport {
  const lifetime = new AbortController()
  const codecsOf = new Map<object, NamedCodecs>()
  const listeners = new Set<Listener>()
  return {
    client<S extends object>(url: string, wire: Wire<S>): S {
      const known = codecsOf.get(wire) ?? codecs(wire)
      codecsOf.set(wire, known)
      const remote = { network, url, from: name, identity, tokens, faults }
      return memoryClient({ ...remote, lifetime: lifetime.signal }, known) as S
    },
    async listen(url, exposed) {
      const server = new MemoryServer(exposed, { name, clock, log, identity, shutdownTimeoutMs })
      const listener: Listener = {
        url: network.join(url, server),
        async [Symbol.asyncDispose]() {
          if (!listeners.delete(listener)) return
          network.leave(listener.url, server)
          await server.end()
        },
      }
      listeners.add(listener)
      return listener
    },
    async [Symbol.asyncDispose]() {
      await Promise.all([...listeners].map((listener) => listener[Symbol.asyncDispose]()))
      lifetime.abort(new NsmError("SHUTTING_DOWN", `${name} is ending`))
    },
  }
}
