import { create, type DescMethod } from "@bufbuild/protobuf"
import {
  type HealthCheckRequest,
  type HealthCheckResponse,
  HealthCheckResponse_ServingStatus as Status,
  HealthCheckResponseSchema,
  HealthService,
} from "@nsm/api"
import type { Call } from "../core/call.ts"
import { NsmError } from "../core/errors.ts"
import { ended } from "../core/ended.ts"
import type { Exposed, Wire } from "./transport.ts"

/** What gRPC's health probes ask: https://github.com/grpc/grpc/blob/master/doc/health-checking.md */
export interface Health {
  /** How the service does that the request names; without a name, the process as a whole. */
  check(request: HealthCheckRequest, call: Call): Promise<HealthCheckResponse>
  /** The same, and then every change until the call ends. */
  watch(request: HealthCheckRequest, call: Call): AsyncIterable<HealthCheckResponse>
}

/** How Health goes over gRPC. */
export const healthWire: Wire<Health> = HealthService.method

/** Says of every service that is exposed that it is serving, as long as its listener lives. */
export function health(exposed: readonly Exposed[]): Health {
  const known = new Set(["", ...exposed.flatMap(({ wire }) => Object.values(wire)).map(serviceOf)])
  return {
    async check({ service }) {
      if (known.has(service)) return create(HealthCheckResponseSchema, { status: Status.SERVING })
      throw new NsmError("SERVICE_NOT_FOUND", `the gRPC service "${service}" is not served here`)
    },
    async *watch({ service }, call) {
      const status = known.has(service) ? Status.SERVING : Status.SERVICE_UNKNOWN
      yield create(HealthCheckResponseSchema, { status })
      await ended(call.signal)
    },
  }
}

function serviceOf(method: DescMethod): string {
  return method.parent.typeName
}
