import { type Call } from "../../../core/call.ts"
import { element, type Element } from "../../../core/chain.ts"
import type { Random } from "../../../core/random.ts"
import type { Registries } from "../../../registry/service.ts"
import { connectionOf } from "../../connection.ts"
import type { NetworkService } from "../../service.ts"
import { eventsOf } from "../begin/event-factory.ts"
import { connectionKey } from "../connection-state.ts"
import { FollowedService } from "./followed-service.ts"

/** Where services are looked up. */
export interface FollowServiceOptions {
  readonly registries: Registries
  readonly random: Random
  /** Ends all watches. @default never */
  readonly signal?: AbortSignal | undefined
}

/**
 * Closes connections whose endpoint the match rules of their network service do not allow any more:
 * whoever changes rules means those who are connected, too. Clients that heal select anew then. One
 * watch per service serves all its connections.
 *
 * Placement: in a manager, after the labels of clients are complete.
 */
export function followService({
  registries,
  random,
  signal,
}: FollowServiceOptions): Element<NetworkService> {
  const followed = new Map<string, FollowedService>()
  const used = connectionKey<FollowedService>("followed service")

  return element("follow-service", (next) => ({
    async request(request, call) {
      const { id, labels, networkService } = connectionOf(request)
      const granted = await next.request(request, call)
      const { networkServiceEndpointName: endpointName } = granted
      const before = used.take(call)
      const service = signal?.aborted ? undefined : serviceOf(networkService, call)
      service?.join(id, { labels, endpointName, events: eventsOf(call) })
      if (service) used.set(call, service)
      // A caller may ask for another service under the same id.
      if (before !== service) before?.leave(id)
      return granted
    },
    async close(connection, call) {
      used.take(call)?.leave(connection.id)
      await next.close(connection, call)
    },
  }))

  function serviceOf(name: string, { clock, log }: Call): FollowedService {
    const known = followed.get(name)
    if (known && !known.isOver) return known
    const service = new FollowedService({ registries, name, clock, log, random, signal })
    followed.set(name, service)
    service
      .run()
      .catch((error: unknown) => log.error("network service is followed no more", { name, error }))
      .finally(() => void (followed.get(name) === service && followed.delete(name)))
    return service
  }
}
