import type { TLSSocket } from "node:tls"
import type { Clock } from "../core/clock.ts"
import { NsmError } from "../core/errors.ts"
import { handshakeFailure } from "./handshake-failure.ts"
import type { X509Svid } from "./identity.ts"

/** How a handshake is waited for. */
export interface HandshakeOptions {
  /** When it is over; Node names it differently on either side. */
  readonly event: "secureConnect" | "secure"
  readonly clock: Clock
  readonly timeoutMs: number
  /** What this side shows. */
  readonly own: X509Svid
}

/** Resolves when both sides have done their part. */
export async function handshake(
  socket: TLSSocket,
  { event, clock, timeoutMs, own }: HandshakeOptions,
): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  let error: Error | undefined
  // Also for what comes after the handshake, which ends the connection and nothing else.
  socket.on("error", (thrown: Error) => void (error ??= thrown))
  const closed = (): void => reject(handshakeFailure(error, own))
  const late = (): void =>
    reject(
      new NsmError(
        "DEADLINE_EXCEEDED",
        `the peer did not finish the TLS handshake within ${timeoutMs} ms`,
      ),
    )
  using _timer = clock.schedule(timeoutMs, late)
  socket.once(event, resolve)
  socket.once("close", closed)
  await promise
  socket.off("close", closed)
}
