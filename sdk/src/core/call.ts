import type { Clock } from "./clock.ts"
import type { X509Certificate } from "node:crypto"
import { NsmError } from "./errors.ts"
import { createKey, type Key } from "./key.ts"
import type { Log } from "./log.ts"

/** Headers of a call, names in lower case. */
export type Metadata = ReadonlyMap<string, string>

/** Who is at the other end of the transport on which a call came in. */
export interface Peer {
  /** Where it calls from, as the transport names it: `unix:`, `192.0.2.1:40312`, a process name. */
  readonly address: string
  /** Its SPIFFE id; undefined where connections prove nothing. */
  readonly id?: string
  /** The leaf of the certificate that it showed. */
  readonly certificate?: X509Certificate
  /** The leaf that it was shown of this process: with its key it checks what this process signs. */
  readonly shown?: X509Certificate
  /** Its process, where the kernel was asked for it. */
  readonly credentials?: Credentials
  /**
   * Connects to it anew, for it may have got another certificate than it once showed; answers whether
   * it has. Undefined where this process does not choose when to connect.
   */
  readonly renew?: () => Promise<boolean>
  /** Passes open files over the connection, where that is possible. */
  readonly descriptors?: Descriptors
}

/** A process of this machine, as the kernel knows it. */
export interface Credentials {
  /** 0 where it runs in a PID namespace that cannot be seen from here. */
  readonly pid: number
  readonly uid: number
  readonly gid: number
}

/** Passes open files beside the messages of one connection, named by URLs `inode://device/inode`. */
export interface Descriptors {
  /** Sends the file at a path with the next bytes that are written; answers its URL at once. */
  send(path: string): string
  /** A path in /proc to the file that the peer sends under a URL, as soon as it is there. */
  receive(url: string, signal: AbortSignal): Promise<string>
}

/** What a call is made of. */
export interface CallInit {
  readonly clock: Clock
  readonly log: Log
  /** Ends with the call: when it is over, given up, or past its deadline. */
  readonly signal: AbortSignal
  /** Milliseconds on `clock` at which the call is given up; none when undefined. */
  readonly deadline?: number | undefined
  /** Headers that came with the call. */
  readonly metadata?: Metadata
  readonly peer?: Peer | undefined
}

/**
 * What goes with a message through the chain: time, cancellation, who calls, and typed values.
 * A call never changes: `with` gives a new one to hand on.
 */
export class Call {
  readonly clock: Clock
  readonly log: Log
  readonly signal: AbortSignal
  readonly deadline: number | undefined
  readonly metadata: Metadata
  readonly peer: Peer | undefined
  /** Headers that go back to the caller before the answer. The one thing that elements fill. */
  readonly reply: Map<string, string>
  readonly #values: ReadonlyMap<symbol, unknown>

  constructor(
    init: CallInit,
    reply = new Map<string, string>(),
    values: ReadonlyMap<symbol, unknown> = new Map(),
  ) {
    this.clock = init.clock
    this.log = init.log
    this.signal = init.signal
    this.deadline = init.deadline
    this.metadata = init.metadata ?? new Map()
    this.peer = init.peer
    this.reply = reply
    this.#values = values
  }

  /** The value under a key, or the key's fallback. */
  get<T>(key: Key<T>): T {
    return this.#values.has(key.symbol) ? (this.#values.get(key.symbol) as T) : key.fallback
  }

  /** The same call, carrying one more value. */
  with<T>(key: Key<T>, value: T): Call {
    return new Call(this, this.reply, new Map(this.#values).set(key.symbol, value))
  }

  /** The same call with another end, headers, peer or log. */
  renewed(changes: Partial<CallInit>): Call {
    return new Call({ ...this.#init(), ...changes }, this.reply, this.#values)
  }

  /** Milliseconds left until the deadline, never negative; undefined without one. */
  get remainingMs(): number | undefined {
    return this.deadline === undefined ? undefined : Math.max(0, this.deadline - this.clock.now())
  }

  #init(): CallInit {
    const { clock, log, signal, deadline, metadata, peer } = this
    return { clock, log, signal, deadline, metadata, peer }
  }
}

/** Headers that the transport sends with the call to the next hop. */
export const sentMetadata = createKey<Metadata>("sent-metadata", new Map())

/** Where the transport puts the headers that the next hop answered with; undefined drops them. */
export const receivedMetadata = createKey<Map<string, string> | undefined>(
  "received-metadata",
  undefined,
)

/** What the transport knows of the next hop, once it is connected to it. */
export interface Callee {
  peer?: Peer
}

/** Where the transport puts who it sends the call to, before it sends it; undefined drops it. */
export const callee = createKey<Callee | undefined>("callee", undefined)

/** Files that go along with the call, by path, where the connection can pass them. */
export const sentFiles = createKey<readonly string[]>("sent-files", [])

/** How a call of one's own begins. */
export interface CallOptions extends Pick<CallInit, "clock" | "log"> {
  /** Gives the call up from outside. */
  signal?: AbortSignal | undefined
  /** Milliseconds after which the call is given up. @default no limit */
  timeoutMs?: number | undefined
}

/** Makes a call, runs it, and ends everything that hangs on its signal when it is over. */
export async function withCall<T>(
  { clock, log, signal, timeoutMs }: CallOptions,
  run: (call: Call) => Promise<T>,
): Promise<T> {
  const deadline = timeoutMs === undefined ? undefined : clock.now() + timeoutMs
  using scope = callScope({ clock, deadline, signal })
  return await run(new Call({ clock, log, signal: scope.signal, deadline }))
}

/**
 * Runs `run` with the same call but a new end: the time budget that `call` had left when it was
 * last heard of, or `atLeastMs`, and deaf to the caller's giving up. For cleaning up.
 */
export async function withRenewedCall<T>(
  call: Call,
  run: (call: Call) => Promise<T>,
  {
    budgetMs = call.remainingMs,
    atLeastMs = 1000,
  }: { budgetMs?: number | undefined; atLeastMs?: number } = {},
): Promise<T> {
  const { clock } = call
  const deadline = budgetMs === undefined ? undefined : clock.now() + Math.max(budgetMs, atLeastMs)
  using scope = callScope({ clock, deadline })
  return await run(call.renewed({ signal: scope.signal, deadline }))
}

/** Made once: nearly every call ends so, and an error's stack costs more than the rest of the end. */
const over = new NsmError("CANCELLED", "the call is over")

/** A signal that fires at the deadline, with an outer signal, or when the scope is left. */
export function callScope({
  clock,
  deadline,
  signal,
}: {
  clock: Clock
  deadline: number | undefined
  signal?: AbortSignal | undefined
}): Disposable & { readonly signal: AbortSignal } {
  const controller = new AbortController()
  const outer = (): void => controller.abort(signal?.reason)
  if (signal?.aborted) outer()
  signal?.addEventListener("abort", outer, { once: true })
  const timer =
    deadline === undefined
      ? undefined
      : clock.schedule(deadline - clock.now(), () =>
          controller.abort(new NsmError("DEADLINE_EXCEEDED", "the call's time limit passed")),
        )
  return {
    signal: controller.signal,
    [Symbol.dispose]() {
      timer?.[Symbol.dispose]()
      signal?.removeEventListener("abort", outer)
      controller.abort(over)
    },
  }
}
