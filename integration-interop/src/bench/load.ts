import { create } from "@bufbuild/protobuf"
import { type NetworkServiceRequest, NetworkServiceRequestSchema } from "@nsm/api"
import { kernelMechanism } from "../conformance/scene.ts"

/** How many ask at once, and how often all of them together. */
export interface Load {
  readonly clients: number
  readonly count: number
}

/** What came of a load. What was granted is closed outside of what is timed. */
export interface Outcome {
  /** How long each request took that was granted. */
  readonly timesMs: readonly number[]
  readonly seconds: number
  /** Why others were not granted. */
  readonly failures: readonly string[]
}

/** Many clients of a mesh; each has a chain and a connection to the manager of its own. */
export interface Crowd extends AsyncDisposable {
  ask(load: Load): Promise<Outcome>
}

/** Longest that one request may take. */
export const requestLimitMs = 60_000

/** What every client asks for, each time under another id. */
export function crowdRequest(id: string): NetworkServiceRequest {
  return create(NetworkServiceRequestSchema, {
    connection: { id, networkService: "icmp-responder", context: { ipContext: {} } },
    mechanismPreferences: [kernelMechanism],
  })
}
