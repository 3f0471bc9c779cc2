import { create } from "@bufbuild/protobuf"
import {
  type Connection,
  type ConnectionEvent,
  ConnectionEventType,
  MonitorScopeSelectorSchema,
  State,
} from "@nsm/api"
import { type CallOptions, withCall } from "../../../core/call.ts"
import { NsmError } from "../../../core/errors.ts"
import type { NetworkService } from "../../service.ts"
import type { Changes } from "../monitor/publish.ts"
import { nextUrl } from "../next-url.ts"

/** Which hop is watched, and as whom. */
interface HopWatchOptions extends Pick<CallOptions, "clock" | "log" | "signal"> {
  /** Name of this process in paths. */
  readonly name: string
  readonly url: string
}

type Publish = (connectionId: string, changes: Changes) => void

/** One watch of all connections that this process has at one next hop. */
export class HopWatch {
  readonly #options: HopWatchOptions
  /** The connections that go there, by their ids at this hop. */
  readonly #members = new Map<string, Publish>()
  /** What was told of those that are about to join, by the same ids. */
  readonly #early = new Map<string, Changes | undefined>()
  readonly #end = new AbortController()

  constructor(options: HopWatchOptions) {
    this.#options = options
  }

  /** Whether it has ended, or is about to. */
  get isOver(): boolean {
    return this.#end.signal.aborted
  }

  /** Listens for a connection that is being requested: it may be lost before its grant arrives. */
  expect(connectionId: string): void {
    if (!this.#members.has(connectionId)) this.#early.set(connectionId, undefined)
  }

  /** The request of an expected connection failed. */
  expectNoMore(connectionId: string): void {
    this.#early.delete(connectionId)
    this.#stopIfUnused()
  }

  join(connectionId: string, publish: Publish): void {
    const early = this.#early.get(connectionId)
    this.#early.delete(connectionId)
    this.#members.set(connectionId, publish)
    // With that it is there, what was told before is over, and what is told from now on is of the grant.
    publish(connectionId, early?.state === State.DOWN ? early : { state: State.UP })
  }

  /** The last one to leave ends the watch, unless others are expected. */
  leave(connectionId: string): void {
    this.#members.delete(connectionId)
    this.#stopIfUnused()
  }

  /** Watches until everybody has left or the hop is lost; then all connections there are down. */
  async run(next: NetworkService): Promise<void> {
    const { name, url, clock, log } = this.#options
    const selector = create(MonitorScopeSelectorSchema, { pathSegments: [{ name }] })
    try {
      await withCall({ clock, log, signal: this.#signal }, async (call) => {
        const events = next.monitorConnections(selector, call.with(nextUrl, url))
        for await (const event of events) this.#relay(event)
      })
      this.#lose()
    } catch (failure) {
      this.#lose(NsmError.from(failure))
    } finally {
      this.#stop()
    }
  }

  get #signal(): AbortSignal {
    const { signal } = this.#options
    return signal ? AbortSignal.any([signal, this.#end.signal]) : this.#end.signal
  }

  #stopIfUnused(): void {
    if (this.#members.size + this.#early.size === 0) this.#stop()
  }

  #stop(): void {
    this.#end.abort(new NsmError("CANCELLED", "nothing is left to watch"))
  }

  #lose(failure?: NsmError): void {
    const { url, log, signal } = this.#options
    if (this.isOver || signal?.aborted) return
    // A hop that tells nothing may be as well as any.
    if (failure?.reason === "UNIMPLEMENTED") return
    log.warn("watch of the next hop lost", { url, connections: this.#members.size, error: failure })
    // One that refuses to tell is there, and is asked again with the next request.
    if (failure?.reason === "PERMISSION_DENIED") return
    for (const [id, publish] of this.#members) publish(id, { state: State.DOWN })
  }

  #relay({ type, connections }: ConnectionEvent): void {
    for (const connection of Object.values(connections)) {
      const own = ownPlace(connection, this.#options.name)
      if (!own) continue
      const state = type === ConnectionEventType.DELETE ? State.DOWN : connection.state
      const changes = { ...changesAt(own.index, connection), state }
      if (this.#early.has(own.id)) this.#early.set(own.id, changes)
      this.#members.get(own.id)?.(own.id, changes)
    }
  }
}

/**
 * Where this process is in a path that was told by the hop right behind it: there, or right before.
 * It may stand on the path elsewhere as well, as a manager does on both sides of a pass-through.
 */
function ownPlace(
  { path }: Connection,
  name: string,
): { readonly index: number; readonly id: string } | undefined {
  if (!path) return undefined
  for (const index of [path.index - 1, path.index]) {
    const segment = path.pathSegments[index]
    if (segment?.name === name) return { index, id: segment.id }
  }
  return undefined
}

function changesAt(index: number, { path, context }: Connection): Changes {
  return { ...(path && { path: { ...path, index } }), ...(context && { context }) }
}
