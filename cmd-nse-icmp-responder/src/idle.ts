import { type Clock, element, type Element, type NetworkService } from "@nsm/sdk"

/** When an endpoint has nothing to do. */
export interface IdleOptions {
  readonly clock: Clock
  /** Time without any connection; 0 for never. */
  readonly timeoutMs: number
  /** What then happens, once. */
  readonly onIdle: () => void
  /** Ends the timer. */
  readonly signal: AbortSignal
}

/** What says when there has been no connection for some time. */
export interface Idle {
  /**
   * Sees each connection's first request and its close.
   *
   * Placement: after `begin`.
   */
  readonly observer: Element<NetworkService>
  /** Counts from now on: who cannot be found yet is not idle. */
  readonly start: () => void
}

/** Says when there has been no connection for some time, from its start on. */
export function idle({ clock, timeoutMs, onIdle, signal }: IdleOptions): Idle {
  const connections = new Set<string>()
  let hasStarted = false
  let timer: Disposable | undefined
  const stop = (): void => timer?.[Symbol.dispose]()
  const watch = (): void => {
    stop()
    if (hasStarted && timeoutMs > 0 && connections.size === 0 && !signal.aborted) {
      timer = clock.schedule(timeoutMs, onIdle)
    }
  }
  signal.addEventListener("abort", stop, { once: true })
  const observer = element<NetworkService>("idle", (next) => ({
    async request(request, call) {
      const granted = await next.request(request, call)
      connections.add(granted.id)
      watch()
      return granted
    },
    async close(connection, call) {
      try {
        await next.close(connection, call)
      } finally {
        connections.delete(connection.id)
        watch()
      }
    },
  }))
  return {
    observer,
    start: () => {
      hasStarted = true
      watch()
    },
  }
}
