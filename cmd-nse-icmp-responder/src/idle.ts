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

/**
 * Says when there has been no connection for some time.
 *
 * Placement: after `begin`; sees each connection's first request and its close.
 */
export function idle({ clock, timeoutMs, onIdle, signal }: IdleOptions): Element<NetworkService> {
  const connections = new Set<string>()
  let timer: Disposable | undefined
  const stop = (): void => timer?.[Symbol.dispose]()
  const watch = (): void => {
    stop()
    if (timeoutMs > 0 && connections.size === 0 && !signal.aborted) {
      timer = clock.schedule(timeoutMs, onIdle)
    }
  }
  signal.addEventListener("abort", stop, { once: true })
  watch()
  return element("idle", (next) => ({
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
}
