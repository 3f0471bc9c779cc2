// core: chains, calls, errors, time, chance
export { bind, chain, element, outline, type Element } from "./core/chain.ts"
export {
  Call,
  callScope,
  receivedMetadata,
  sentMetadata,
  withCall,
  withRenewedCall,
  type CallInit,
  type CallOptions,
  type Metadata,
  type Peer,
} from "./core/call.ts"
export { createKey, type Key } from "./core/key.ts"
export { causes, codeNumbers, NsmError, rootCause, type NsmErrorOptions, type StatusCode } from "./core/errors.ts"
export { reasons, type Code, type Reason } from "./core/reasons.ts"
export { sleep, systemClock, type Clock } from "./core/clock.ts"
export { seededRandom, systemRandom, type Random } from "./core/random.ts"
export { silentLog, type Log, type LogLevel } from "./core/log.ts"

// transports
export {
  expose,
  type Exposed,
  type Listener,
  type Transport,
  type Wire,
} from "./transport/transport.ts"
export { grpcTransport, type GrpcTransportOptions } from "./transport/grpc/transport.ts"
export { plaintext, type GrpcIdentity } from "./transport/grpc/identity.ts"
export { MemoryNetwork } from "./transport/memory/network.ts"
export { memoryTransport, type MemoryTransportOptions } from "./transport/memory/transport.ts"
export { formatAddress, parseAddress, type Address } from "./transport/address.ts"
export { publicUrl, type InterfaceAddress } from "./transport/public-url.ts"
export { decodeError, encodeError, type WireStatus } from "./transport/status.ts"
export { fromNode } from "./transport/node-error.ts"

// network service
export { networkServiceWire, type NetworkService } from "./networkservice/service.ts"
export { grant } from "./networkservice/tail.ts"
export { orClose } from "./networkservice/or-close.ts"
export { connectionKey, connectionState, type ConnectionKey } from "./networkservice/common/connection-state.ts"
export { eventFactory, type EventFactory } from "./networkservice/common/begin/event-factory.ts"
export { established } from "./networkservice/common/begin/established.ts"
export { nextUrl } from "./networkservice/common/next-url.ts"

// registry
export {
  networkServiceEndpointRegistryWire,
  networkServiceRegistryWire,
  type NetworkServiceEndpointRegistry,
  type NetworkServiceRegistry,
  type Registries,
  type Registry,
} from "./registry/service.ts"
