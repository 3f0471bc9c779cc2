import { bind, chain, type Element } from "../../core/chain.ts"
import { systemRandom } from "../../core/random.ts"
import { acceptRegistered } from "../common/accept-registered.ts"
import { authorizeAnswer, type AuthorizeAnswerOptions } from "../common/authorize-answer.ts"
import { begin } from "../common/begin.ts"
import { connectRegistries, type ConnectRegistriesOptions } from "../common/connect.ts"
import { keep } from "../common/keep.ts"
import { refresh } from "../common/refresh.ts"
import { retry, type RetryOptions } from "../common/retry.ts"
import { sendRegistryPath } from "../common/send-registry-path.ts"
import { endpointKind, serviceKind } from "../kind.ts"
import type {
  NetworkServiceEndpointRegistry,
  NetworkServiceRegistry,
  Registries,
} from "../service.ts"

/** How a client of the registries behaves. */
export interface RegistryClientOptions extends ConnectRegistriesOptions, RetryOptions {
  /** What answers have to obey. @default nothing */
  policies?: AuthorizeAnswerOptions | undefined
  /** Ends renewals. @default never */
  signal?: AbortSignal
  /** What else is done to network services on their way out. @default nothing */
  serviceElements?: readonly Element<NetworkServiceRegistry>[]
  /** What else is done to endpoints on their way out. @default nothing */
  endpointElements?: readonly Element<NetworkServiceEndpointRegistry>[]
}

/**
 * The registries as endpoints and forwarders use them: persistent, renewing what they put in, and
 * putting it in again at once where it is lost.
 */
export function registryClient({
  transport,
  url,
  policies,
  signal,
  serviceElements = [],
  endpointElements = [],
  random = systemRandom,
  tryTimeoutMs,
}: RegistryClientOptions): Registries {
  const remote = connectRegistries({ transport, url })
  const lifetime = signal ? { signal } : {}
  // Each try has its time; a registration that is lost is tried for until it is back.
  const beginning = { ...lifetime, eventTimeoutMs: Infinity }
  const trying = { random, ...(tryTimeoutMs !== undefined && { tryTimeoutMs }) }
  const keeping = { random, ...lifetime }
  return {
    services: bind(
      chain<NetworkServiceRegistry>(
        "network-service-registry-client",
        begin(beginning),
        retry(trying),
        keep(serviceKind, keeping),
        acceptRegistered(serviceKind),
        ...(policies ? [authorizeAnswer(serviceKind, policies)] : []),
        sendRegistryPath(serviceKind),
        ...serviceElements,
      ),
      remote.services,
    ),
    endpoints: bind(
      chain<NetworkServiceEndpointRegistry>(
        "network-service-endpoint-registry-client",
        begin(beginning),
        retry(trying),
        refresh(lifetime),
        keep(endpointKind, keeping),
        ...(policies ? [authorizeAnswer(endpointKind, policies)] : []),
        sendRegistryPath(endpointKind),
        ...endpointElements,
      ),
      remote.endpoints,
    ),
  }
}
