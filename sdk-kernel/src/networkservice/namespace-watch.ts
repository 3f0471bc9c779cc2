import {
  type Clock,
  element,
  type Element,
  eventFactory,
  type EventFactory,
  type Log,
  type NetworkService,
} from "@nsm/sdk"
import { type WiredNamespace, wiredNamespaces } from "./cross-connect.ts"

/** What the watch needs. */
export interface NamespaceWatchDeps {
  readonly clock: Clock
  readonly log: Log
  /** Runs the closes. */
  readonly tasks: { run(name: string, work: () => Promise<void>): void }
  /** Whether a URL still leads to the namespace that it led to. Asked often, so it must be cheap. */
  readonly isThere: (namespace: WiredNamespace) => boolean
}

/** How namespaces are watched. */
export interface NamespaceWatchOptions {
  /** Milliseconds between two looks. @default 250 */
  readonly intervalMs?: number
  /** Ends the watch. */
  readonly signal?: AbortSignal | undefined
}

interface Watched {
  readonly namespaces: readonly WiredNamespace[]
  readonly factory: EventFactory
}

/**
 * Closes a connection when the namespace of one of its workloads has gone or been replaced.
 *
 * Placement: before `crossConnect`, which says where the wire ends.
 */
export function namespaceWatch({
  clock,
  log,
  tasks,
  isThere,
  intervalMs = 250,
  signal,
}: NamespaceWatchDeps & NamespaceWatchOptions): Element<NetworkService> {
  const watched = new Map<string, Watched>()
  // one timer for all, and none while there is nothing to watch
  let timer: Disposable | undefined
  const arm = (): void => {
    if (timer || watched.size === 0 || signal?.aborted) return
    timer = clock.schedule(intervalMs, () => {
      timer = undefined
      look()
      arm()
    })
  }
  const look = (): void => {
    // several connections end in one namespace, most of all the endpoint's
    const known = new Map<string, boolean>()
    const isThereNow = (namespace: WiredNamespace): boolean => {
      const key = `${namespace.url} ${namespace.inode.dev} ${namespace.inode.ino}`
      const answer = known.get(key) ?? isThere(namespace)
      known.set(key, answer)
      return answer
    }
    for (const [id, { namespaces, factory }] of watched) {
      const gone = namespaces.find((namespace) => !isThereNow(namespace))
      if (!gone) continue
      watched.delete(id)
      log.info("connection closes because a workload's namespace has gone", {
        connectionId: id,
        namespace: gone.url,
      })
      tasks.run("close a connection whose namespace has gone", () => factory.close())
    }
  }
  const forget = (id: string): void => {
    watched.delete(id)
    if (watched.size > 0) return
    timer?.[Symbol.dispose]()
    timer = undefined
  }
  signal?.addEventListener("abort", () => timer?.[Symbol.dispose](), { once: true })

  return element("namespace-watch", (next) => ({
    async request(request, call) {
      const granted = await next.request(request, call)
      const namespaces = wiredNamespaces.get(call)
      const factory = call.get(eventFactory)
      if (namespaces && factory) watched.set(granted.id, { namespaces, factory })
      arm()
      return granted
    },
    async close(connection, call) {
      forget(connection.id)
      await next.close(connection, call)
    },
  }))
}
