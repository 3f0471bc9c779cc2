import type { Call } from "../../../core/call.ts"
import { element, type Element } from "../../../core/chain.ts"
import { connectionOf } from "../../connection.ts"
import type { NetworkService } from "../../service.ts"
import { connectionKey } from "../connection-state.ts"
import { publish } from "../monitor/publish.ts"
import { nextUrl } from "../next-url.ts"
import { HopWatch } from "./hop-watch.ts"

/** Whose connections are watched at the next hops. */
export interface RelayMonitorOptions {
  /** Name of the process in paths. */
  readonly name: string
  /** Ends all watches. @default never */
  readonly signal?: AbortSignal | undefined
}

/**
 * Watches connections where they go on, and tells those who watch this hop of what becomes of them
 * there. One watch per next hop serves all connections that go there.
 *
 * Placement: after everything that chooses the next hop, before `connect` and what judges its answers.
 */
export function relayMonitor({ name, signal }: RelayMonitorOptions): Element<NetworkService> {
  const watches = new Map<string, HopWatch>()
  const used = connectionKey<HopWatch>("watch of the next hop")
  return element("relay-monitor", (next) => {
    const openWatch = (url: string): HopWatch | undefined => {
      const known = watches.get(url)
      return known?.isOver ? undefined : known
    }
    const watchOf = (url: string, { clock, log }: Call): HopWatch => {
      const known = openWatch(url)
      if (known) return known
      const watch = new HopWatch({ name, url, clock, log, signal })
      watches.set(url, watch)
      watch
        .run(next)
        .finally(() => void (watches.get(url) === watch && watches.delete(url)))
        .catch((failure: unknown) =>
          log.error("watch of the next hop failed", { url, error: failure }),
        )
      return watch
    }
    return {
      async request(request, call) {
        const { id } = connectionOf(request)
        const url = call.get(nextUrl)
        const open = url === undefined ? undefined : openWatch(url)
        open?.expect(id)
        const granted = await next.request(request, call).catch((failure: unknown) => {
          open?.expectNoMore(id)
          throw failure
        })
        const before = used.take(call)
        const watch = url === undefined || signal?.aborted ? undefined : watchOf(url, call)
        if (watch) {
          watch.join(id, call.get(publish))
          used.set(call, watch)
        }
        if (before !== watch) before?.leave(id)
        return granted
      },
      async close(connection, call) {
        used.take(call)?.leave(connection.id)
        await next.close(connection, call)
      },
    }
  })
}
