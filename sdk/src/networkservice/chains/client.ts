import { chain, type Element } from "../../core/chain.ts"
import type { Random } from "../../core/random.ts"
import type { Transport } from "../../transport/transport.ts"
import { authorizeAnswer, type AuthorizeAnswerOptions } from "../common/authorize-answer.ts"
import { begin } from "../common/begin/begin.ts"
import { connect } from "../common/connect/connect.ts"
import { connectTo } from "../common/connect-to.ts"
import { connectionState } from "../common/connection-state.ts"
import { heal, type HealOptions } from "../common/heal/heal.ts"
import { refresh } from "../common/refresh.ts"
import { relayMonitor } from "../common/relay-monitor/relay-monitor.ts"
import { updatePath } from "../common/update-path.ts"
import type { NetworkService } from "../service.ts"

/** What a client needs. */
export interface ClientOptions {
  /** Name of the process in paths. */
  readonly name: string
  /** URL of the manager, or of whatever else is asked. */
  readonly connectTo: string
  readonly transport: Pick<Transport, "client">
  readonly random: Random
  /** What answers have to obey. @default nothing */
  readonly policies?: AuthorizeAnswerOptions | undefined
  /** How lost connections come back. @default they do not, until a refresh succeeds */
  readonly healing?: Omit<HealOptions, "random" | "signal"> | undefined
  /** Ends all timers of the chain; connections then expire unless they are closed. @default never */
  readonly signal?: AbortSignal | undefined
}

/** Where connections begin: keeps them alive until they are closed. */
export function client(
  { name, connectTo: url, transport, random, policies, healing, signal }: ClientOptions,
  ...elements: readonly Element<NetworkService>[]
): Element<NetworkService> {
  return chain(
    "client",
    updatePath({ name, random }),
    // Whoever asks may repeat its first request; what was granted since is kept.
    begin({ merges: true, signal }),
    connectionState(),
    // Before everything that a refresh has to repeat.
    refresh({ random, signal }),
    ...(healing ? [heal({ ...healing, random, signal })] : []),
    connectTo(url),
    ...elements,
    // Tells heal what becomes of a connection at the hops on its path. Lets go of it even where the next
    // element refuses to close it.
    ...(healing ? [relayMonitor({ name, signal })] : []),
    // Sees an answer before anything acts on it.
    ...(policies ? [authorizeAnswer(policies)] : []),
    connect({ transport }),
  )
}
