/** The names of gRPC metadata that peers send and expect. */
export const Header = {
  /** Caller's JSON Web Token: `sub` is its SPIFFE id, `aud` a list with the peer's. On every call. */
  clientToken: "nsm-client-token",
  /** When that token ends, as RFC 3339. Without exactly one value each, the token is ignored. */
  clientTokenExpires: "nsm-client-token-expires",
  /** Tokens of the hops as JSON; on Register and Unregister, in the request and the response header. */
  path: "path",
  /** Whether trace logs are on: `0` not said, `1` on, `2` off. Passed on hop by hop. */
  grpcTracing: "grpctracing",
  /** The W3C trace context, where telemetry is on. */
  traceparent: "traceparent",
  /** The error with details, a binary `google.rpc.Status`, in the trailer. */
  statusDetails: "grpc-status-details-bin",
  /** `true` on every call of the SPIFFE Workload API. */
  spiffeWorkload: "workload.spiffe.io",
} as const

/** One of the metadata names. */
export type Header = (typeof Header)[keyof typeof Header]
