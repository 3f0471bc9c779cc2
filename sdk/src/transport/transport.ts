import type { DescMethod } from "@bufbuild/protobuf"

/**
 * Which gRPC method each method of a service is. A unary method is `(message, call) => Promise`,
 * where `void` stands for google.protobuf.Empty; a server stream `(message, call) => AsyncIterable`.
 */
export type Wire<S extends object> = { readonly [M in keyof S]: DescMethod }

/** A service with the way it goes over the wire. Made by `expose`. */
export interface Exposed {
  readonly wire: Readonly<Record<string, DescMethod>>
  readonly service: object
}

/** Pairs a service with its wire, for `listen`. */
export function expose<S extends object>(wire: Wire<S>, service: S): Exposed {
  return { wire, service }
}

/** A server that accepts calls until it is disposed. */
export interface Listener extends AsyncDisposable {
  /** Where it listens, with the real port where 0 was asked for. */
  readonly url: string
}

/**
 * Carries calls between processes, or between parts of one. URLs: `unix:///path`, `tcp://host:port`,
 * and for the in-memory transport anything.
 */
export interface Transport extends AsyncDisposable {
  /**
   * The service behind a URL. Channels are pooled per URL: asking again costs nothing, and the
   * channel is dialled at the first call. A call fails with PEER_UNREACHABLE when nobody answers
   * within the transport's dial timeout or the call's own deadline.
   */
  client<S extends object>(url: string, wire: Wire<S>): S
  /** Serves at a URL; ready when it resolves. Fails with ADDRESS_IN_USE when that is taken. */
  listen(url: string, exposed: readonly Exposed[]): Promise<Listener>
}
