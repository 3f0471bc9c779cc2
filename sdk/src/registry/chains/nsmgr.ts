import { bind, chain, type Element } from "../../core/chain.ts"
import { authorizeAnswer, type AuthorizeAnswerOptions } from "../common/authorize-answer.ts"
import { authorize, type AuthorizeOptions } from "../common/authorize.ts"
import { begin } from "../common/begin.ts"
import { registryClientInfo } from "../common/client-info.ts"
import { expire, type ExpireOptions } from "../common/expire.ts"
import { localBypass, type LocalBypassOptions } from "../common/local-bypass.ts"
import { sendRegistryPath } from "../common/send-registry-path.ts"
import { updateRegistryPath } from "../common/update-registry-path.ts"
import { watchCache } from "../common/watch-cache.ts"
import { endpointKind, serviceKind } from "../kind.ts"
import type {
  NetworkServiceEndpointRegistry,
  NetworkServiceRegistry,
  Registries,
} from "../service.ts"
import { memoryRegistries, type RegistryChains } from "./memory.ts"

/** How a manager keeps the registries of its node. */
export interface ManagerRegistriesOptions extends ExpireOptions, LocalBypassOptions {
  /** The registries of the domain. @default own ones in memory, for a domain of one node */
  upstream?: Registries | undefined
  /** Labels of this node for its endpoints, such as `nodeName`. @default none */
  labels?: Readonly<Record<string, string>>
  /** What else is done to endpoints of this node before it is kept where they are. @default nothing */
  endpointElements?: readonly Element<NetworkServiceEndpointRegistry>[]
  /** What those who register have to obey, and what the answers of the domain's registries have to. @default nothing */
  policies?: Partial<AuthorizeOptions & AuthorizeAnswerOptions> | undefined
}

/** The registries as a manager serves them to its node, and asks them itself. */
export function managerRegistries({
  publicUrl,
  upstream,
  labels = {},
  endpointElements = [],
  tokens,
  policies: { registrations, answers } = {},
  ...own
}: ManagerRegistriesOptions): Registries & { readonly chains: RegistryChains } {
  // Own ones are no further hop, so they add nothing to paths.
  const { services, endpoints } = upstream ?? memoryRegistries(own)
  const lifetime = own.signal ? { signal: own.signal } : {}
  const expiring = { ...own, ...(tokens && { tokens }) }
  const chains: RegistryChains = {
    services: chain<NetworkServiceRegistry>(
      "network-service-registry",
      updateRegistryPath(serviceKind, { tokens }),
      ...(registrations ? [authorize(serviceKind, { registrations })] : []),
      begin(lifetime),
      // In memory it is as near as its copy would be.
      ...(upstream ? [watchCache(serviceKind, lifetime)] : []),
      ...(upstream && answers ? [authorizeAnswer(serviceKind, { answers })] : []),
      ...(upstream ? [sendRegistryPath(serviceKind)] : []),
    ),
    endpoints: chain<NetworkServiceEndpointRegistry>(
      "network-service-endpoint-registry",
      updateRegistryPath(endpointKind, { tokens }),
      ...(registrations ? [authorize(endpointKind, { registrations })] : []),
      begin(lifetime),
      registryClientInfo(labels),
      expire(expiring),
      ...endpointElements,
      localBypass({ publicUrl }),
      ...(upstream ? [watchCache(endpointKind, lifetime)] : []),
      ...(upstream && answers ? [authorizeAnswer(endpointKind, { answers })] : []),
      ...(upstream ? [sendRegistryPath(endpointKind)] : []),
    ),
  }
  return {
    chains,
    services: bind(chains.services, services),
    endpoints: bind(chains.endpoints, endpoints),
  }
}
