import type { Connection } from "@nsm/api"
import type { Call } from "../../../core/call.ts"
import { element, type Element } from "../../../core/chain.ts"
import { NsmError } from "../../../core/errors.ts"
import { Serial } from "../../../core/serial.ts"
import { connectionOf } from "../../connection.ts"
import type { NetworkService } from "../../service.ts"
import { Life } from "./life.ts"

/** How connections begin. */
export interface BeginOptions {
  /**
   * Whether a repeated request from outside only counts where it differs from what was answered
   * last. For chains whose callers keep asking as they first did.
   * @default false
   */
  readonly merges?: boolean
  /** Ends the calls that come from inside the chain. @default never */
  readonly signal?: AbortSignal | undefined
}

/**
 * Runs one request or close at a time per connection, and lets the elements behind it start more.
 * The folder's README is its contract.
 *
 * Placement: right after `updatePath`, which sets the id; before everything that keeps state.
 */
export function begin({ merges = false, signal }: BeginOptions = {}): Element<NetworkService> {
  const serial = new Serial()
  const lives = new Map<string, Life>()
  return element("begin", (next) => {
    const start = (id: string, call: Call): Life => {
      const life = new Life(id, call, { next, serial, lives, merges, signal })
      lives.set(id, life)
      return life
    }
    return {
      async request(request, call) {
        const id = idOf(connectionOf(request))
        const run = (): Promise<Connection> =>
          (lives.get(id) ?? start(id, call)).request(request, call)
        return serial.run(id, run, call.signal)
      },
      async close(connection, call) {
        const id = idOf(connection)
        await serial.run(id, async () => lives.get(id)?.close(connection, call))
      },
    }
  })
}

function idOf({ id }: Connection): string {
  if (id !== "") return id
  throw new NsmError("INVALID_REQUEST", "connection.id is empty")
}
