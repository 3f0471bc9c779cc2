import { create, type DescMessage, equals, type MessageShape, toBinary } from "@bufbuild/protobuf"
import { timestampMs } from "@bufbuild/protobuf/wkt"
import {
  MatchSchema,
  type NetworkService,
  type NetworkServiceEndpoint,
  type NetworkServiceEndpointQuery,
  NetworkServiceEndpointQuerySchema,
  type NetworkServiceEndpointResponse,
  NetworkServiceEndpointResponseSchema,
  NetworkServiceEndpointSchema,
  type NetworkServiceQuery,
  NetworkServiceQuerySchema,
  type NetworkServiceResponse,
  NetworkServiceResponseSchema,
  NetworkServiceSchema,
} from "@nsm/api"

/** What entries of every kind have. */
export interface Named {
  readonly name: string
}

/** What queries of every kind have. */
export interface Watchable {
  readonly watch: boolean
}

/** What answers of every kind have. */
export interface Deletable {
  readonly deleted: boolean
}

/** How elements that serve both registries handle the messages of one of them. */
export interface Kind<Entry extends Named, Query extends Watchable, Response extends Deletable> {
  /** What an entry is called in a message to people. */
  readonly noun: string
  /** An entry with nothing but a name, to ask for the one that has it. */
  named(name: string): Entry
  /** A query for the entries that have what `wanted` has. */
  query(wanted: Entry | undefined, watch: boolean): Query
  /** What a query wants; empty fields stand for anything. */
  wanted(query: Query): Entry | undefined
  /** An answer to a query. */
  response(entry: Entry, deleted: boolean): Response
  /** The entry in an answer. */
  entry(response: Response): Entry | undefined
  /** The network services that an entry provides or a query asks for, to find it by. */
  services(entry: Entry): readonly string[]
  /** Whether an entry has all that is wanted. */
  matches(entry: Entry, wanted: Entry): boolean
  /** When an entry ends, in milliseconds since 1970; undefined when it does not. */
  expiresAt(entry: Entry): number | undefined
  /** The same text for queries that want the same. */
  key(query: Query): string
}

/** The registry of network services. */
export const serviceKind: Kind<NetworkService, NetworkServiceQuery, NetworkServiceResponse> = {
  noun: "network service",
  named: (name) => create(NetworkServiceSchema, { name }),
  query: (wanted, watch) =>
    create(NetworkServiceQuerySchema, { ...(wanted && { networkService: wanted }), watch }),
  wanted: ({ networkService }) => networkService,
  response: (networkService, deleted) =>
    create(NetworkServiceResponseSchema, { networkService, deleted }),
  entry: ({ networkService }) => networkService,
  services: () => [],
  matches: ({ name, payload, matches }, wanted) =>
    (wanted.name === "" || wanted.name === name) &&
    (wanted.payload === "" || wanted.payload === payload) &&
    (wanted.matches.length === 0 || sameMatches(matches, wanted.matches)),
  expiresAt: () => undefined,
  key: ({ networkService }) => text(NetworkServiceSchema, networkService),
}

/** The registry of endpoints. */
export const endpointKind: Kind<
  NetworkServiceEndpoint,
  NetworkServiceEndpointQuery,
  NetworkServiceEndpointResponse
> = {
  noun: "network service endpoint",
  named: (name) => create(NetworkServiceEndpointSchema, { name }),
  query: (wanted, watch) =>
    create(NetworkServiceEndpointQuerySchema, {
      ...(wanted && { networkServiceEndpoint: wanted }),
      watch,
    }),
  wanted: ({ networkServiceEndpoint }) => networkServiceEndpoint,
  response: (networkServiceEndpoint, deleted) =>
    create(NetworkServiceEndpointResponseSchema, { networkServiceEndpoint, deleted }),
  entry: ({ networkServiceEndpoint }) => networkServiceEndpoint,
  services: ({ networkServiceNames }) => networkServiceNames,
  matches: (entry, wanted) =>
    (wanted.name === "" || wanted.name === entry.name) &&
    wanted.networkServiceNames.every((name) => entry.networkServiceNames.includes(name)) &&
    hasLabels(entry, wanted) &&
    entry.url.includes(wanted.url) &&
    (wanted.expirationTime === undefined ||
      wanted.expirationTime.seconds === entry.expirationTime?.seconds),
  expiresAt: ({ expirationTime }) => expirationTime && timestampMs(expirationTime),
  key: ({ networkServiceEndpoint }) => text(NetworkServiceEndpointSchema, networkServiceEndpoint),
}

function text<Desc extends DescMessage>(schema: Desc, message: MessageShape<Desc> | undefined) {
  return message ? Buffer.from(toBinary(schema, message)).toString("latin1") : ""
}

function sameMatches(a: NetworkService["matches"], b: NetworkService["matches"]): boolean {
  return a.length === b.length && a.every((each, at) => equals(MatchSchema, each, b[at] ?? each))
}

function hasLabels(entry: NetworkServiceEndpoint, wanted: NetworkServiceEndpoint): boolean {
  return Object.entries(wanted.networkServiceLabels).every(([service, { labels }]) => {
    const own = entry.networkServiceLabels[service]?.labels
    return own && Object.entries(labels).every(([name, value]) => own[name] === value)
  })
}
