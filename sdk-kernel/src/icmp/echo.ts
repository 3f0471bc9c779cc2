import { type Clock, NsmError, type Random, systemClock, systemRandom } from "@nsm/sdk"
import { whenReadable } from "../ffi/readable.ts"
import type { NetworkNamespace } from "../namespace/network-namespace.ts"
import { EchoRound, type EchoResult } from "./echo-round.ts"
import { EchoSocket } from "./echo-socket.ts"

/** Which echo requests are sent. */
export interface EchoOptions {
  /** Where they are sent from. */
  readonly namespace: NetworkNamespace
  /** IPv4 or IPv6 address of the other side. */
  readonly destination: string
  /** Own address. @default the kernel's choice */
  readonly source?: string | undefined
  /** How many, up to 65536. @default 1 */
  readonly count?: number
  /** After how many replies no more are waited for, nor sent. @default all of them */
  readonly enough?: number
  /** From one to the next. @default 200 */
  readonly intervalMs?: number
  /** How long a reply may take. @default 1000 */
  readonly timeoutMs?: number
  /** @default systemClock */
  readonly clock?: Clock
  /** @default systemRandom */
  readonly random?: Random
  /** Gives up, throwing its reason. */
  readonly signal?: AbortSignal | undefined
}

/**
 * Sends ICMP or ICMPv6 echo requests from inside a namespace and waits for the replies, without
 * blocking. That nobody answers is a result; that there can be no socket is an error.
 */
export async function echo(options: EchoOptions): Promise<EchoResult> {
  const { namespace, destination, source, count = 1, intervalMs = 200, timeoutMs = 1000 } = options
  const { enough = count, clock = systemClock, random = systemRandom, signal } = options
  if (!Number.isInteger(count) || count < 1 || count > 2 ** 16) {
    throw new NsmError("INVALID_REQUEST", `ping ${destination}: count ${count} is not 1 to 65536`)
  }
  signal?.throwIfAborted()
  const doing = `ping ${destination} in ${namespace.origin}`
  using socket = namespace.run(() => EchoSocket.open(destination, source, doing))
  const round = new EchoRound(socket, timeoutMs, random)
  const isEnough = (): boolean => round.answered >= enough
  for (let sequence = 0; sequence < count - 1 && !isEnough(); sequence++) {
    round.send(sequence)
    await collecting(socket, round, { clock, ms: intervalMs, isEnough, signal })
  }
  if (isEnough()) return round.result
  round.send(count - 1)
  const isAll = (): boolean => isEnough() || round.isAnswered
  await collecting(socket, round, { clock, ms: timeoutMs, isEnough: isAll, signal })
  return round.result
}

/** Takes in replies for some time, or until there are enough. */
async function collecting(
  socket: EchoSocket,
  round: EchoRound,
  {
    clock,
    ms,
    isEnough,
    signal,
  }: { clock: Clock; ms: number; isEnough: () => boolean; signal: AbortSignal | undefined },
): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  const stop = (): void => reject(NsmError.from(signal?.reason, "CANCELLED"))
  const collect = (): void => {
    try {
      round.collect()
      if (isEnough()) resolve()
    } catch (failure) {
      reject(NsmError.from(failure))
    }
  }
  using _timer = clock.schedule(ms, resolve)
  using _replies = whenReadable(socket.fd, collect)
  signal?.addEventListener("abort", stop, { once: true })
  // Replies may all be there already, or nothing was sent.
  collect()
  try {
    await promise
    // While this process was busy, replies may have come that nobody has looked at yet.
    collect()
  } finally {
    signal?.removeEventListener("abort", stop)
  }
}
