import type {
  Connection,
  ConnectionEvent,
  MonitorScopeSelector,
  NetworkServiceRequest,
} from "@nsm/api"
import { MonitorConnectionService, NetworkServiceService } from "@nsm/api"
import type { Call } from "../core/call.ts"
import type { Wire } from "../transport/transport.ts"

/**
 * What every client, manager, forwarder and endpoint speaks: ask for a wire, give it back, watch it.
 * On the wire these are the services networkservice.NetworkService and connection.MonitorConnection.
 */
export interface NetworkService {
  /** Asks for a connection, or repeats the request for one to keep it. Answers the connection. */
  request(request: NetworkServiceRequest, call: Call): Promise<Connection>
  /** Gives a connection back. Harmless when it is not known. */
  close(connection: Connection, call: Call): Promise<void>
  /** First all connections that match, then every change, until the call ends. */
  monitorConnections(selector: MonitorScopeSelector, call: Call): AsyncIterable<ConnectionEvent>
}

/** How NetworkService goes over gRPC. */
export const networkServiceWire: Wire<NetworkService> = {
  request: NetworkServiceService.method.request,
  close: NetworkServiceService.method.close,
  monitorConnections: MonitorConnectionService.method.monitorConnections,
}
