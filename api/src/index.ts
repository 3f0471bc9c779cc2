/** The wire: messages, enums, services and the names that peers depend on. */

// Connections
export {
  ConnectionEventSchema,
  ConnectionEventType,
  ConnectionEventTypeSchema,
  ConnectionSchema,
  MechanismSchema,
  MonitorConnection as MonitorConnectionService,
  MonitorScopeSelectorSchema,
  PathSchema,
  PathSegmentSchema,
  State,
  StateSchema,
} from "./gen/connection_pb.ts"
export type {
  Connection,
  ConnectionEvent,
  Mechanism,
  MonitorScopeSelector,
  Path,
  PathSegment,
} from "./gen/connection_pb.ts"

// What a connection carries beside its ends
export {
  ConnectionContextSchema,
  DNSConfigSchema,
  DNSContextSchema,
  EthernetContextSchema,
  ExtraPrefixRequestSchema,
  IPContextSchema,
  IpFamilySchema,
  IpFamily_Family,
  IpFamily_FamilySchema,
  IpNeighborSchema,
  PolicyRouteSchema,
  RouteSchema,
} from "./gen/connectioncontext_pb.ts"
export type {
  ConnectionContext,
  DNSConfig,
  DNSContext,
  EthernetContext,
  ExtraPrefixRequest,
  IPContext,
  IpFamily,
  IpNeighbor,
  PolicyRoute,
  Route,
} from "./gen/connectioncontext_pb.ts"

// Requests
export {
  NetworkServiceRequestSchema,
  NetworkService as NetworkServiceService,
} from "./gen/networkservice_pb.ts"
export type { NetworkServiceRequest } from "./gen/networkservice_pb.ts"

// The registry
export {
  DestinationSchema,
  MatchSchema,
  MetadataSchema,
  NetworkServiceEndpointQuerySchema,
  NetworkServiceEndpointRegistry as NetworkServiceEndpointRegistryService,
  NetworkServiceEndpointResponseSchema,
  NetworkServiceEndpointSchema,
  NetworkServiceLabelsSchema,
  NetworkServiceQuerySchema,
  NetworkServiceRegistry as NetworkServiceRegistryService,
  NetworkServiceResponseSchema,
  NetworkServiceSchema,
} from "./gen/registry_pb.ts"
export type {
  Destination,
  Match,
  Metadata,
  NetworkService,
  NetworkServiceEndpoint,
  NetworkServiceEndpointQuery,
  NetworkServiceEndpointResponse,
  NetworkServiceLabels,
  NetworkServiceQuery,
  NetworkServiceResponse,
} from "./gen/registry_pb.ts"

// Prefixes of a shared pool
export {
  IPAM as IpamService,
  Type as IpamType,
  TypeSchema as IpamTypeSchema,
  PrefixRequestSchema,
  PrefixResponseSchema,
} from "./gen/ipam_pb.ts"
export type { PrefixRequest, PrefixResponse } from "./gen/ipam_pb.ts"

// Identities, as SPIFFE's Workload API hands them out
export {
  SpiffeWorkloadAPI as SpiffeWorkloadService,
  X509BundlesRequestSchema,
  X509BundlesResponseSchema,
  X509SVIDRequestSchema as X509SvidRequestSchema,
  X509SVIDResponseSchema as X509SvidResponseSchema,
  X509SVIDSchema as X509SvidSchema,
} from "./gen/workload_pb.ts"
export type {
  X509BundlesRequest,
  X509BundlesResponse,
  X509SVID as X509Svid,
  X509SVIDRequest as X509SvidRequest,
  X509SVIDResponse as X509SvidResponse,
} from "./gen/workload_pb.ts"

// Health and errors, as all of gRPC has them
export {
  HealthCheckRequestSchema,
  HealthCheckResponseSchema,
  HealthCheckResponse_ServingStatus,
  HealthCheckResponse_ServingStatusSchema,
  Health as HealthService,
} from "./gen/grpc/health/v1/health_pb.ts"
export type { HealthCheckRequest, HealthCheckResponse } from "./gen/grpc/health/v1/health_pb.ts"
export { ErrorInfoSchema } from "./gen/google/rpc/error_details_pb.ts"
export type { ErrorInfo } from "./gen/google/rpc/error_details_pb.ts"
export { StatusSchema } from "./gen/google/rpc/status_pb.ts"
export type { Status } from "./gen/google/rpc/status_pb.ts"

// Methods for a gRPC library
export { grpcMethod } from "./grpc.ts"
export type { GrpcMethod, TypedMethod } from "./grpc.ts"

// Names that peers compare
export { Header } from "./headers.ts"
export { Label } from "./labels.ts"
export { MechanismParameter } from "./mechanism-parameters.ts"
export { MechanismClass, MechanismPort, MechanismType } from "./mechanisms.ts"
export { Payload } from "./payloads.ts"
