import {
  SpiffeWorkloadService,
  type X509BundlesRequest,
  type X509BundlesResponse,
  type X509SvidRequest,
  type X509SvidResponse,
} from "@nsm/api"
import type { Call } from "../core/call.ts"
import type { Wire } from "../transport/transport.ts"

/** SPIFFE's Workload API: tells processes of the same machine who they are and whom to believe. */
export interface WorkloadService {
  /** The caller's identities, and again after every change until the call ends. */
  fetchX509SVID(request: X509SvidRequest, call: Call): AsyncIterable<X509SvidResponse>
  /** The roots to believe, and again after every change until the call ends. */
  fetchX509Bundles(request: X509BundlesRequest, call: Call): AsyncIterable<X509BundlesResponse>
}

/** How the Workload API goes over gRPC. */
export const workloadWire: Wire<WorkloadService> = SpiffeWorkloadService.method
