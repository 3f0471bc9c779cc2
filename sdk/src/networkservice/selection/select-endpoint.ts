import type { Call } from "../../core/call.ts"
import { element, type Element } from "../../core/chain.ts"
import { NsmError } from "../../core/errors.ts"
import type { Transport } from "../../transport/transport.ts"
import { candidates } from "../common/candidates.ts"
import { nextUrl } from "../common/next-url.ts"
import { namingPeer } from "../common/unreachable.ts"
import { connectionOf, withConnection } from "../connection.ts"
import { firstGranted } from "../first-granted.ts"
import type { NetworkService } from "../service.ts"
import type { EndpointSelection } from "./endpoint-selection.ts"
import { formerOf } from "./former.ts"
import { race } from "./race.ts"
import type { Candidate, Selection } from "./select.ts"

/** How endpoints are chosen. */
export interface SelectEndpointOptions {
  /** What is known of them. */
  readonly selection: EndpointSelection
  /** Lets the two best candidates of a first request race for it, over this transport. @default no race */
  readonly racing?: Pick<Transport, "client"> | undefined
}

/**
 * Chooses among the endpoints that the rules allow, and goes on to the others when one fails, as long
 * as the retry budget lasts. A request that names its endpoint passes.
 *
 * Placement: after `discover`; it repeats what follows once per endpoint.
 */
export function selectEndpoint({
  selection,
  racing,
}: SelectEndpointOptions): Element<NetworkService> {
  return element("select-endpoint", (next) => ({
    async request(request, call) {
      const ruled = call.get(candidates)
      if (call.get(nextUrl) !== undefined || !ruled) return next.request(request, call)
      const chosen = selection.choose(ruled, formerOf(connectionOf(request)))
      const { order } = chosen
      const ordered = racing ? await race(order, call, { transport: racing }) : order
      const ask = ({ endpoint: { name, url } }: Candidate, inTime: Call) =>
        namingPeer(`endpoint ${name}`, url, () =>
          next.request(
            withConnection(request, { networkServiceEndpointName: name }),
            inTime.with(nextUrl, url),
          ),
        )
      return firstGranted(
        ordered,
        call,
        learning(ask, { by: selection, selection: chosen, call }),
        {
          reason: "ALL_CANDIDATES_FAILED",
          what: `endpoints of network service ${ruled.service.name}`,
          names: ordered.map(({ key }) => key),
          mayGoOn: () => selection.mayRetry(),
          sharesTime: true,
        },
      )
    },
  }))
}

interface Learning {
  readonly by: EndpointSelection
  readonly selection: Selection
  readonly call: Call
}

/** Asks an endpoint, and has it remembered how that one answered. */
function learning<Answer>(
  ask: (candidate: Candidate, call: Call) => Promise<Answer>,
  { by, selection, call: { clock } }: Learning,
): (candidate: Candidate, call: Call) => Promise<Answer> {
  return async (candidate, call) => {
    const began = clock.now()
    const experience = () => ({ selection, candidate, tookMs: clock.now() - began })
    try {
      const answer = await ask(candidate, call)
      by.learn(experience())
      return answer
    } catch (failure) {
      by.learn({ ...experience(), failure: NsmError.from(failure) })
      throw failure
    }
  }
}
