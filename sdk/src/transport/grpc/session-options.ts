import type { SessionOptions } from "node:http2"

/** What Node limits by itself, and gRPC leaves to the peers. */
export const sessionOptions = {
  // Node takes 100 for granted where the peer names no limit.
  peerMaxConcurrentStreams: 2 ** 31 - 1,
  // In MiB. Node refuses calls beyond it, and everybody who watches does so over one connection.
  maxSessionMemory: 1024,
} satisfies SessionOptions
