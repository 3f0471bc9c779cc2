import { State } from "@nsm/api"
import { element, type Element, type Log, type NetworkService, publish } from "@nsm/sdk"
import type { LostEnd } from "../wiring/wire-check.ts"

/** Where losses are heard of. */
export interface LostWiresDeps {
  readonly wires: { onLost(listener: (lost: LostEnd) => void): Disposable }
  readonly log: Log
}

/** How long losses are told. */
export interface LostWiresOptions {
  /** Ends it. @default never */
  readonly signal?: AbortSignal | undefined
}

/**
 * Tells those who watch a connection that it is down when its interface has gone, as when somebody
 * deleted it. The next request makes it anew.
 *
 * Placement: after `monitor`, whom it tells; before `crossConnect`, which makes the wire.
 */
export function lostWires({
  wires,
  log,
  signal,
}: LostWiresDeps & LostWiresOptions): Element<NetworkService> {
  const tell = new Map<string, () => void>()
  const subscription = wires.onLost(({ connectionId, ...lost }) => {
    const told = tell.get(connectionId)
    // once per loss, though both ends of a wire are lost and will be looked at again
    if (!told || !tell.delete(connectionId)) return
    log.warn("a wire is down because its interface was lost", { connectionId, ...lost })
    told()
  })
  signal?.addEventListener("abort", () => subscription[Symbol.dispose](), { once: true })

  return element("lost-wires", (next) => ({
    async request(request, call) {
      const granted = await next.request(request, call)
      const publishing = call.get(publish)
      tell.set(granted.id, () => publishing(granted.id, { state: State.DOWN }))
      return granted
    },
    async close(connection, call) {
      tell.delete(connection.id)
      await next.close(connection, call)
    },
  }))
}
