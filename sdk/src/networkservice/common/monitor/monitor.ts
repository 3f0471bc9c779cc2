import { equals } from "@bufbuild/protobuf"
import { type Connection, ConnectionSchema, State } from "@nsm/api"
import { element, type Element } from "../../../core/chain.ts"
import { NsmError } from "../../../core/errors.ts"
import { connectionOf } from "../../connection.ts"
import type { NetworkService } from "../../service.ts"
import { type Changes, publish } from "./publish.ts"
import { Watcher } from "./watcher.ts"
import { Watchers } from "./watchers.ts"

/** What is told of connections, and how long. */
export interface MonitorOptions {
  /**
   * Whether a connection is told to be down when its request is repeated and fails. For hops that
   * pass requests on.
   * @default false
   */
  readonly tellsFailures?: boolean
  /** Ends all watches. @default never */
  readonly signal?: AbortSignal | undefined
}

/**
 * Knows the connections of this hop and answers those who watch them. However slowly they read, a
 * watch takes no more memory than there are connections. That connections are well is told of many
 * together, at most 250 ms later; that one is lost, closed or back, at once.
 *
 * Placement: outside of what changes connections after they were granted (`publish`).
 */
export function monitor({
  tellsFailures = false,
  signal,
}: MonitorOptions = {}): Element<NetworkService> {
  const connections = new Map<string, Connection>()
  /** What was told of those that are just being requested, by their ids, for when they are granted. */
  const early = new Map<string, Changes | undefined>()
  const watchers = new Watchers()
  signal?.addEventListener("abort", endAll, { once: true })

  return element("monitor", (next) => ({
    async request(request, call) {
      const { id } = connectionOf(request)
      early.set(id, undefined)
      try {
        const granted = await next.request(request, call.with(publish, change))
        update(granted.state === State.UP ? granted : { ...granted, state: State.UP })
        const told = early.get(id)
        if (told) change(id, told)
        return granted
      } catch (failure) {
        if (tellsFailures) change(id, { state: State.DOWN })
        throw failure
      } finally {
        early.delete(id)
      }
    },
    async close(connection, call) {
      try {
        await next.close(connection, call)
      } finally {
        remove(connection.id)
      }
    },
    async *monitorConnections(selector, call) {
      const watcher = new Watcher(selector, call.clock)
      const end = (): void => watcher.end()
      if (call.signal.aborted) return
      if (signal?.aborted) throw ending()
      call.signal.addEventListener("abort", end, { once: true })
      watchers.add(watcher)
      try {
        for (const connection of connections.values()) watcher.start(connection)
        yield* watcher.events()
      } finally {
        watchers.delete(watcher)
        call.signal.removeEventListener("abort", end)
      }
    },
  }))

  function update(connection: Connection): void {
    connections.set(connection.id, connection)
    for (const watcher of watchers.of(connection)) watcher.update(connection)
  }

  function change(id: string, changes: Changes): void {
    const known = connections.get(id)
    if (early.has(id)) early.set(id, { ...early.get(id), ...(known ? stateOf(changes) : changes) })
    if (!known) return
    const { state = known.state, ...rest } = changes
    // As with each grant; to compare all takes some 30 µs.
    if (state === known.state && Object.keys(rest).length === 0) return
    const changed = { ...known, ...changes }
    if (!equals(ConnectionSchema, known, changed)) update(changed)
  }

  function remove(id: string): void {
    const known = connections.get(id)
    if (!known) return
    connections.delete(id)
    for (const watcher of watchers.of(known)) watcher.delete(known)
  }

  function endAll(): void {
    for (const watcher of watchers) watcher.end(ending())
  }
}

/** A grant brings the rest. */
function stateOf({ state }: Changes): Changes {
  return state === undefined ? {} : { state }
}

function ending(): NsmError {
  return new NsmError("SHUTTING_DOWN", "the process is ending")
}
