import { type Connection, type NetworkServiceEndpoint, State } from "@nsm/api"
import type { Call } from "../../core/call.ts"
import { element, type Element } from "../../core/chain.ts"
import { NsmError } from "../../core/errors.ts"
import type { Registries } from "../../registry/service.ts"
import { connectionOf } from "../connection.ts"
import { firstGranted } from "../first-granted.ts"
import type { NetworkService } from "../service.ts"
import { connectionKey } from "./connection-state.ts"
import { matchForwarders } from "./match.ts"
import { nextUrl } from "./next-url.ts"
import { registeredEndpoints, registeredService } from "./registered.ts"
import { namingPeer } from "./unreachable.ts"

/** Where to look for forwarders. */
export interface DiscoverForwarderOptions {
  readonly registries: Registries
  /** The manager's URL as the registry knows it; forwarders of this node are registered under it. */
  readonly publicUrl: string
  /** Name of the network service that forwarders provide. @default "forwarder" */
  readonly forwarderService?: string
}

/** How long after its first request a manager may not know all forwarders: they register anew. */
const youthMs = 10_000

/**
 * Chooses a forwarder of this node that suits the network service, and goes on to the others when
 * one fails. A connection stays with its forwarder until it is to be selected anew or that forwarder
 * is gone; then another one takes over what it has left in the kernel.
 *
 * Placement: in a manager, after `connectionState`; it repeats what follows once per forwarder.
 */
export function discoverForwarder({
  registries,
  publicUrl,
  forwarderService = "forwarder",
}: DiscoverForwarderOptions): Element<NetworkService> {
  const chosen = connectionKey<string>("forwarder")
  let firstAt: number | undefined
  return element("discover-forwarder", (next) => ({
    async request(request, call) {
      firstAt ??= call.clock.now()
      const connection = connectionOf(request)
      const held = heldBy(connection, call)
      const found = await suiting(connection, call)
      const bound = found.find(({ name }) => name === held)
      if (held !== undefined && !bound && call.clock.now() - firstAt < youthMs) {
        throw new NsmError("FORWARDER_NOT_FOUND", `forwarder ${held} is not available yet`)
      }
      const attempt = ({ name, url }: NetworkServiceEndpoint): Promise<Connection> =>
        namingPeer(`forwarder ${name}`, url, async () => {
          const granted = await next.request(request, call.with(nextUrl, url))
          chosen.set(call, name)
          return granted
        })
      const others = found.filter((one) => one !== bound)
      if (bound) {
        try {
          return await attempt(bound)
        } catch (failure) {
          if (others.length === 0 || !isGone(failure)) throw failure
        }
      }
      return firstGranted(others, call, attempt, {
        reason: "ALL_FORWARDERS_FAILED",
        what: "forwarders",
        names: others.map(({ name }) => name),
      })
    },
  }))

  /** Who has the connection: known here, or from its path when this manager was restarted. */
  function heldBy(connection: Connection, call: Call): string | undefined {
    if (connection.state === State.RESELECT_REQUESTED) {
      chosen.take(call)
      return undefined
    }
    return chosen.get(call) ?? nextSegmentName(connection)
  }

  async function suiting(
    { networkService, payload, labels }: Connection,
    call: Call,
  ): Promise<readonly NetworkServiceEndpoint[]> {
    const service = await registeredService(registries, networkService, payload, call)
    const query = { url: publicUrl, networkServiceNames: [forwarderService] }
    const forwarders = await registeredEndpoints(registries, query, call)
    const suitable = matchForwarders(labels, service, forwarders, forwarderService)
    if (suitable.length > 0) return suitable
    const text =
      forwarders.length === 0
        ? "no forwarder is registered on this node"
        : `none of the ${forwarders.length} forwarders of this node suits network service ${networkService}`
    throw new NsmError("FORWARDER_NOT_FOUND", text)
  }
}

function nextSegmentName({ path }: Connection): string | undefined {
  return path?.pathSegments[path.index + 1]?.name
}

/** Whether nobody answers where a forwarder was: not that somebody behind it failed. */
function isGone(failure: unknown): boolean {
  const { reason, hop } = NsmError.from(failure)
  return reason === "PEER_UNREACHABLE" && hop === undefined
}
