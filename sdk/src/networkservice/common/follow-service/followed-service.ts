import { create, equals } from "@bufbuild/protobuf"
import { type NetworkService, NetworkServiceQuerySchema, NetworkServiceSchema } from "@nsm/api"
import { type Call, type CallInit, withCall } from "../../../core/call.ts"
import { sleep } from "../../../core/clock.ts"
import { NsmError } from "../../../core/errors.ts"
import type { Random } from "../../../core/random.ts"
import type { Registries } from "../../../registry/service.ts"
import { BackOff } from "../../../tools/back-off.ts"
import type { Labels } from "../../selection/selector.ts"
import type { EventFactory } from "../begin/event-factory.ts"
import { matchEndpoints } from "../match.ts"
import { registeredEndpoints } from "../registered.ts"

/** A connection as the service's rules see it. */
export interface Joined {
  readonly labels: Labels
  readonly endpointName: string
  readonly events: EventFactory
}

/** What following a service needs. */
export interface FollowedServiceOptions extends Pick<CallInit, "clock" | "log"> {
  readonly registries: Registries
  readonly name: string
  readonly random: Random
  /** Ends it. */
  readonly signal?: AbortSignal | undefined
}

/** Watches one network service for all connections to it. */
export class FollowedService {
  readonly #options: FollowedServiceOptions
  readonly #members = new Map<string, Joined>()
  readonly #end = new AbortController()
  #known: NetworkService | undefined

  constructor(options: FollowedServiceOptions) {
    this.#options = options
  }

  /** Whether it has ended. */
  get isOver(): boolean {
    return this.#end.signal.aborted
  }

  join(connectionId: string, joined: Joined): void {
    this.#members.set(connectionId, joined)
  }

  /** The last one to leave ends it. */
  leave(connectionId: string): void {
    this.#members.delete(connectionId)
    if (this.#members.size === 0) {
      this.#end.abort(new NsmError("CANCELLED", "no connection is left"))
    }
  }

  /** Follows until everybody has left. */
  async run(): Promise<void> {
    const { clock, log, name, random, signal } = this.#options
    const ends = signal ? AbortSignal.any([this.#end.signal, signal]) : this.#end.signal
    const pauses = new BackOff({ random, firstMs: 100, longestMs: 5000 })
    while (!ends.aborted) {
      await withCall({ clock, log, signal: ends }, (call) => this.#watch(call, pauses)).catch(
        (error: unknown) => {
          if (!ends.aborted) log.debug("watch of a network service lost", { service: name, error })
        },
      )
      await sleep(clock, pauses.next(), ends).catch(() => {})
    }
  }

  async #watch(call: Call, pauses: BackOff): Promise<void> {
    const { registries, name } = this.#options
    const query = create(NetworkServiceQuerySchema, { networkService: { name }, watch: true })
    for await (const { networkService: service, deleted } of registries.services.find(
      query,
      call,
    )) {
      pauses.reset()
      // One that is gone says nothing about those who have it.
      if (service?.name === name && !deleted) await this.#judge(service, call)
    }
  }

  /** Lets go of those whom changed rules join to their endpoint no more. */
  async #judge(service: NetworkService, call: Call): Promise<void> {
    if (this.#known && equals(NetworkServiceSchema, this.#known, service)) return
    for (const [connectionId, { labels, endpointName, events }] of this.#members) {
      const endpoints = await registeredEndpoints(
        this.#options.registries,
        { name: endpointName },
        call,
      )
      // Whose endpoint is gone learns it by other ways.
      if (endpoints.length === 0 || matchEndpoints(labels, service, endpoints).length > 0) continue
      const fields = { connectionId, endpoint: endpointName, service: service.name }
      call.log.info("connection closes because its service's rules have changed", fields)
      // By then it may have gone elsewhere.
      const isStillThere = (): boolean =>
        this.#members.get(connectionId)?.endpointName === endpointName
      events.close(isStillThere).catch((error: unknown) => {
        call.log.warn("connection did not close in order", { ...fields, error })
      })
    }
    // Only now: what breaks off in between is begun anew by the next watch.
    this.#known = service
  }
}
