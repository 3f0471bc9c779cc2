import { chain, type Element } from "../../core/chain.ts"
import type { Random } from "../../core/random.ts"
import type { TokenSource } from "../../identity/token.ts"
import { authorize, type AuthorizeOptions } from "../common/authorize/authorize.ts"
import { begin } from "../common/begin/begin.ts"
import { connectionState } from "../common/connection-state.ts"
import { monitor } from "../common/monitor/monitor.ts"
import { timeout } from "../common/timeout.ts"
import { trimPath } from "../common/trim-path.ts"
import { updatePath } from "../common/update-path.ts"
import { updateToken } from "../common/update-token.ts"
import type { NetworkService } from "../service.ts"

/** What every hop that is called needs. */
export interface EndpointOptions {
  /** Name of the process in paths. */
  readonly name: string
  readonly tokens: TokenSource
  readonly random: Random
  /** What callers have to obey. @default nothing */
  readonly policies?: AuthorizeOptions | undefined
  /** Ends all timers and streams of the chain. @default never */
  readonly signal?: AbortSignal | undefined
}

/** The last hop of a connection: what every hop has, then what the endpoint provides. */
export function endpoint(
  options: EndpointOptions,
  ...elements: readonly Element<NetworkService>[]
): Element<NetworkService> {
  return chain(
    "endpoint",
    ...head(options),
    monitor({ signal: options.signal }),
    trimPath(),
    ...elements,
  )
}

/** A hop in the middle, such as a manager or a forwarder. Its list ends with `connect`. */
export function passthrough(
  options: EndpointOptions,
  ...elements: readonly Element<NetworkService>[]
): Element<NetworkService> {
  const { signal } = options
  return chain(
    "passthrough",
    ...head(options),
    monitor({ tellsFailures: true, signal }),
    ...elements,
  )
}

function head({
  name,
  tokens,
  random,
  policies,
  signal,
}: EndpointOptions): readonly Element<NetworkService>[] {
  return [
    // Gives the connection the id under which everything below keeps it.
    updatePath({ name, random }),
    begin({ signal }),
    // Behind begin: what is closed or repeated from inside gets new tokens too.
    updateToken({ tokens }),
    // Before anything is kept of a connection.
    ...(policies ? [authorize(policies)] : []),
    connectionState(),
    // Looks at the caller's token.
    timeout({ signal }),
  ]
}
