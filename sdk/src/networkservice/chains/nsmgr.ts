import type { Element } from "../../core/chain.ts"
import type { Transport } from "../../transport/transport.ts"
import { clientInfo, type ClientInfoOptions } from "../common/client-info.ts"
import { connect } from "../common/connect/connect.ts"
import { discoverForwarder, type DiscoverForwarderOptions } from "../common/discover-forwarder.ts"
import { excludedPrefixes, type ExcludedPrefixesOptions } from "../common/excluded-prefixes.ts"
import { followService } from "../common/follow-service/follow-service.ts"
import { relayMonitor } from "../common/relay-monitor/relay-monitor.ts"
import type { NetworkService } from "../service.ts"
import { type EndpointOptions, passthrough } from "./endpoint.ts"

/** What a manager needs. */
export interface ManagerOptions
  extends EndpointOptions, DiscoverForwarderOptions, ClientInfoOptions {
  readonly transport: Pick<Transport, "client">
  /** What no wire of this node may use, such as a followed file. @default nothing is excluded */
  readonly excluded?: ExcludedPrefixesOptions["source"]
  /** Elements that see every connection with the manager's id for it. @default none */
  readonly observers?: readonly Element<NetworkService>[]
  /** What is done about the caller before a forwarder is chosen, such as taking its files. @default nothing */
  readonly callerElements?: readonly Element<NetworkService>[]
  /** What is done about the forwarder right before it is called, such as sending files. @default nothing */
  readonly forwarderElements?: readonly Element<NetworkService>[]
}

/** A node's manager: finds a forwarder for each request. Endpoints are the forwarder's choice. */
export function nsmgr({
  name,
  tokens,
  random,
  policies,
  signal,
  transport,
  registries,
  publicUrl,
  forwarderService,
  excluded = { prefixes: [] },
  observers = [],
  callerElements = [],
  forwarderElements = [],
  ...place
}: ManagerOptions): Element<NetworkService> {
  return passthrough(
    { name, tokens, random, policies, signal },
    ...observers,
    ...callerElements,
    // Before match rules look at labels.
    clientInfo(place),
    // With the labels that rules look at, and once for all forwarders that are tried.
    followService({ registries, random, signal }),
    // Repeats all that follows for each forwarder that it tries.
    discoverForwarder({ registries, publicUrl, ...(forwarderService && { forwarderService }) }),
    excludedPrefixes({ source: excluded }),
    relayMonitor({ name, signal }),
    ...forwarderElements,
    connect({ transport }),
  )
}
