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

/**
 * Chooses a forwarder of this node that suits the network service, and goes on to the others when
 * one fails. A connection stays with its forwarder until it is to be selected anew.
 *
 * Placement: in a manager, after `connectionState`; it repeats what follows once per forwarder.
 */
export function discoverForwarder({
  registries,
  publicUrl,
  forwarderService = "forwarder",
}: DiscoverForwarderOptions): Element<NetworkService> {
  const chosen = connectionKey<string>("forwarder")
  return element("discover-forwarder", (next) => ({
    async request(request, call) {
      const connection = connectionOf(request)
      const isReselected = connection.state === State.RESELECT_REQUESTED
      if (isReselected) chosen.take(call)
      const bound = chosen.get(call)
      const found = await suiting(connection, bound, call)
      const previous = isReselected ? undefined : nextSegmentName(connection)
      const ordered = [
        ...found.filter(({ name }) => name === previous),
        ...found.filter(({ name }) => name !== previous),
      ]
      return firstGranted(
        ordered,
        call,
        ({ name, url }) =>
          namingPeer(`forwarder ${name}`, url, async () => {
            const granted = await next.request(request, call.with(nextUrl, url))
            chosen.set(call, name)
            return granted
          }),
        {
          reason: "ALL_FORWARDERS_FAILED",
          what: "forwarders",
          names: ordered.map(({ name }) => name),
        },
      )
    },
  }))

  async function suiting(
    { networkService, payload, labels }: Connection,
    name = "",
    call: Call,
  ): Promise<readonly NetworkServiceEndpoint[]> {
    const service = await registeredService(registries, networkService, payload, call)
    const query = { name, url: publicUrl, networkServiceNames: [forwarderService] }
    const forwarders = await registeredEndpoints(registries, query, call)
    const suitable = matchForwarders(labels, service, forwarders, forwarderService)
    if (suitable.length > 0) return suitable
    const text =
      forwarders.length === 0
        ? name
          ? `forwarder ${name} is not available`
          : "no forwarder is registered on this node"
        : `none of the ${forwarders.length} forwarders of this node suits network service ${networkService}`
    throw new NsmError("FORWARDER_NOT_FOUND", text)
  }
}

function nextSegmentName({ path }: Connection): string | undefined {
  return path?.pathSegments[path.index + 1]?.name
}
