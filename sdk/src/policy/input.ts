/**
 * The document that a policy sees as `input`. Which fields there are depends on what is asked; names
 * and shapes are those of the Go implementation, so that policies can be shared with it.
 */
export interface PolicyInput {
  readonly auth_info: {
    /** The leaf of the peer's certificate in PEM; empty when it showed none. */
    readonly certificate: string
  }
  /** Place of this hop in the path; left out when it is 0. */
  readonly index?: number
  readonly path_segments?: readonly InputSegment[]
  /** Who registers first in the path: the subject of its first token. */
  readonly resource_id?: string
  /** Name of what is registered. */
  readonly resource_name?: string
  /** The path ids of everything that was registered here, by name. */
  readonly resource_path_ids_map?: Readonly<Record<string, readonly string[]>>
  /** The connections that callers asked for, by their SPIFFE ids. */
  readonly spiffe_id_connection_map?: Readonly<Record<string, readonly string[]>>
  /** The connections that are to be watched. */
  readonly selector_connection_ids?: readonly string[]
  /** Who watches. */
  readonly service_spiffe_id?: string
}

/** A hop in a path. Fields without a value are left out. */
export interface InputSegment {
  readonly name?: string
  readonly id?: string
  readonly token?: string
  readonly expires?: { readonly seconds?: number; readonly nanos?: number }
  readonly metrics?: Readonly<Record<string, string>>
}
