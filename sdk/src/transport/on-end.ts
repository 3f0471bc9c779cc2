import { NsmError } from "../core/errors.ts"

/** Runs `end` when the first of the signals fires, or at once when one has, unless disposed before. */
export function onEnd(signals: readonly AbortSignal[], end: (reason: unknown) => void): Disposable {
  const stop = (): void => {
    for (const signal of signals) signal.removeEventListener("abort", fire)
  }
  const fire = ({ target }: Pick<Event, "target">): void => {
    stop()
    end((target as AbortSignal).reason)
  }
  const fired = signals.find(({ aborted }) => aborted)
  if (fired) end(fired.reason)
  else for (const signal of signals) signal.addEventListener("abort", fire)
  return { [Symbol.dispose]: stop }
}

/** How a call to `url` fails whose signal fired for `reason`. */
export function givenUp(reason: unknown, url: string, path: string): NsmError {
  return isLate(reason)
    ? new NsmError(
        "DEADLINE_EXCEEDED",
        `${url} did not answer ${path} within the call's time limit`,
      )
    : NsmError.from(reason, "CANCELLED")
}

/** How a call to `url` fails whose signal fired for `reason` before there was a connection. */
export function notReached(reason: unknown, url: string): NsmError {
  return isLate(reason)
    ? new NsmError("PEER_UNREACHABLE", `nobody answered at ${url} within the call's time limit`)
    : NsmError.from(reason, "CANCELLED")
}

function isLate(reason: unknown): boolean {
  return reason instanceof NsmError
    ? reason.reason === "DEADLINE_EXCEEDED"
    : reason instanceof Error && reason.name === "TimeoutError"
}
