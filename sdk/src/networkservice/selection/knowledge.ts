import { timestampMs } from "@bufbuild/protobuf/wkt"
import type { NetworkServiceEndpoint } from "@nsm/api"
import type { Credits } from "./turn.ts"

/** What a forwarder knows when it chooses among the endpoints of a service. */
export interface Knowledge {
  /** Labels that make an endpoint near to a client when both have the same value, nearest first. */
  readonly locality: readonly string[]
  /** Endpoints that keep failing, by name. */
  readonly ejected: ReadonlyMap<string, Ejection>
  /** Endpoints that the connection had when something made it ask for another. */
  readonly former: ReadonlySet<string>
  readonly turns: Turns
}

/** That an endpoint is passed over for a time. */
export interface Ejection {
  /** In ms since 1970. */
  readonly until: number
  /** What it is for: another registration is another chance. */
  readonly registration: Registration
}

/** What tells one registration of an endpoint from the next. */
export interface Registration {
  /** When the endpoint was first registered, as RFC 3339. */
  readonly time: string
  /** Where it is reached from here. */
  readonly url: string
}

/** What levels and endpoints are owed, which says whose turn it is. */
export interface Turns {
  readonly levels: Credits
  readonly endpoints: Credits
}

/** What a forwarder knows that has just begun, and is told nothing. */
export const noKnowledge: Knowledge = {
  locality: [],
  ejected: new Map(),
  former: new Set(),
  turns: { levels: new Map(), endpoints: new Map() },
}

/** The registration of an endpoint. */
export function registrationOf({
  url,
  initialRegistrationTime: time,
}: NetworkServiceEndpoint): Registration {
  return { time: time ? new Date(timestampMs(time)).toISOString() : "", url }
}

/** Whether an endpoint is still registered as it was. */
export function isRegisteredSo(endpoint: NetworkServiceEndpoint, known: Registration): boolean {
  const { time, url } = registrationOf(endpoint)
  return time === known.time && url === known.url
}

/** How many of a service's endpoints may be ejected at a time. */
export function mostEjected(endpoints: readonly NetworkServiceEndpoint[]): number {
  return Math.floor(endpoints.length / 2)
}

/** Who of these endpoints is ejected, until when: where too many are, those that are so the longest. */
export function ejectedAmong(
  endpoints: readonly NetworkServiceEndpoint[],
  { ejected }: Knowledge,
): ReadonlyMap<string, number> {
  const all = endpoints.flatMap((endpoint) => {
    const known = ejected.get(endpoint.name)
    return known && isRegisteredSo(endpoint, known.registration)
      ? [[endpoint.name, known.until] as const]
      : []
  })
  return new Map(all.toSorted(([, a], [, b]) => b - a).slice(0, mostEjected(endpoints)))
}
