import type {
  Connection,
  ConnectionEvent,
  MonitorScopeSelector,
  NetworkService,
  NetworkServiceEndpoint,
  NetworkServiceEndpointQuery,
  NetworkServiceEndpointResponse,
  NetworkServiceQuery,
  NetworkServiceRequest,
  NetworkServiceResponse,
} from "@nsm/api"
import type { Arrivals } from "../arrivals.ts"

/** Something that goes on arriving until it is given up. */
export interface Stream<T> extends Disposable {
  readonly arrivals: Arrivals<T>
}

/** How long a call may take. */
export interface CallLimit {
  readonly timeoutMs?: number
}

/** What a client of a manager can do, whichever side it is of. Refusals are `Refused`. */
export interface MeshClient extends AsyncDisposable {
  readonly name: string
  request(request: NetworkServiceRequest, limit?: CallLimit): Promise<Connection>
  close(connection: Connection): Promise<void>
  monitor(selector: MonitorScopeSelector): Stream<ConnectionEvent>
  registerService(service: NetworkService): Promise<NetworkService>
  unregisterService(service: NetworkService): Promise<void>
  findServices(query: NetworkServiceQuery): Stream<NetworkServiceResponse>
  registerEndpoint(
    entry: NetworkServiceEndpoint,
    limit?: CallLimit,
  ): Promise<NetworkServiceEndpoint>
  unregisterEndpoint(entry: NetworkServiceEndpoint): Promise<void>
  findEndpoints(query: NetworkServiceEndpointQuery): Stream<NetworkServiceEndpointResponse>
  /** Ends it at once, so that it takes nothing back. */
  kill(): Promise<void>
}

/** A call that was refused, with the number of its gRPC code. */
export class Refused extends Error {
  readonly code: number

  constructor(code: number, message: string) {
    super(message)
    this.code = code
  }
}
