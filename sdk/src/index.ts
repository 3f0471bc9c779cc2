// core: chains, calls, errors, time, chance
export { bind, chain, element, outline, type Element } from "./core/chain.ts"
export {
  Call,
  callee,
  callScope,
  receivedMetadata,
  sentFiles,
  sentMetadata,
  withCall,
  withRenewedCall,
  type Callee,
  type CallInit,
  type CallOptions,
  type Credentials,
  type Descriptors,
  type Metadata,
  type Peer,
} from "./core/call.ts"
export { createKey, type Key } from "./core/key.ts"
export {
  causes,
  codeNumbers,
  NsmError,
  rootCause,
  type NsmErrorOptions,
  type StatusCode,
} from "./core/errors.ts"
export { reasons, type Reason } from "./core/reasons.ts"
export { sleep, systemClock, type Clock } from "./core/clock.ts"
export { seededRandom, systemRandom, type Random } from "./core/random.ts"
export { silentLog, type Log, type LogLevel } from "./core/log.ts"
export { Serial } from "./core/serial.ts"
export { unlessEnded } from "./core/ended.ts"

// identity
export type { Identity, IdentitySource, TrustBundles, X509Svid } from "./identity/identity.ts"
export {
  workloadApi,
  type WorkloadApiOptions,
  type WorkloadIdentity,
} from "./identity/workload-api.ts"
export { identified, type Identified, type IdentifiedOptions } from "./identity/identified.ts"
export { type WorkloadService, workloadWire } from "./identity/workload-service.ts"
export { mutualTls, type MutualTlsOptions } from "./identity/mutual-tls.ts"
export { svidId } from "./identity/svid-id.ts"
export { verifyChain, type Certificates, type VerifyChainOptions } from "./identity/verify-chain.ts"
export { isTrustDomain, parseSpiffeId, type SpiffeId } from "./identity/spiffe-id.ts"

// transports
export {
  expose,
  type Exposed,
  type Listener,
  type Transport,
  type Wire,
} from "./transport/transport.ts"
export { grpcTransport, type GrpcTransportOptions } from "./transport/grpc/transport.ts"
export { plaintext, type Secured, type Security } from "./transport/grpc/security.ts"
export type { UnixSockets } from "./transport/grpc/unix-sockets.ts"
export type { Faults, Journey, Passage } from "./transport/memory/faults.ts"
export { MemoryNetwork } from "./transport/memory/network.ts"
export { memoryTransport, type MemoryTransportOptions } from "./transport/memory/transport.ts"
export { formatAddress, parseAddress, type Address } from "./transport/address.ts"
export { publicUrl, type InterfaceAddress } from "./transport/public-url.ts"
export { decodeError, encodeError, type WireStatus } from "./transport/status.ts"
export { fromNode } from "./transport/node-error.ts"
export { type Health, healthWire } from "./transport/health.ts"

// network service
export { networkServiceWire, type NetworkService } from "./networkservice/service.ts"
export { grant } from "./networkservice/tail.ts"
export { orClose } from "./networkservice/or-close.ts"
export {
  connectionKey,
  connectionState,
  type ConnectionKey,
} from "./networkservice/common/connection-state.ts"
export { eventFactory, type EventFactory } from "./networkservice/common/begin/event-factory.ts"
export { established } from "./networkservice/common/begin/established.ts"
export { nextUrl } from "./networkservice/common/next-url.ts"
export { begin, type BeginOptions } from "./networkservice/common/begin/begin.ts"
export { clientInfo, type ClientInfoOptions } from "./networkservice/common/client-info.ts"
export { composition, type CompositionOptions } from "./networkservice/common/composition.ts"
export { connect, type ConnectOptions } from "./networkservice/common/connect/connect.ts"
export { connectTo } from "./networkservice/common/connect-to.ts"
export { monitor, type MonitorOptions } from "./networkservice/common/monitor/monitor.ts"
export { publish, type Changes } from "./networkservice/common/monitor/publish.ts"
export {
  followService,
  type FollowServiceOptions,
} from "./networkservice/common/follow-service/follow-service.ts"
export { heal, type HealOptions } from "./networkservice/common/heal/heal.ts"
export {
  type Liveness,
  type LivenessLimits,
  stillLives,
} from "./networkservice/common/heal/liveness.ts"
export type {
  HealCause,
  Healed,
  HealObserver,
  HealResult,
} from "./networkservice/common/heal/observer.ts"
export { refresh, type RefreshOptions } from "./networkservice/common/refresh.ts"
export {
  relayMonitor,
  type RelayMonitorOptions,
} from "./networkservice/common/relay-monitor/relay-monitor.ts"
export { timeout, type TimeoutOptions } from "./networkservice/common/timeout.ts"
export { trimPath } from "./networkservice/common/trim-path.ts"
export { updatePath, type UpdatePathOptions } from "./networkservice/common/update-path.ts"
export { updateToken, type UpdateTokenOptions } from "./networkservice/common/update-token.ts"
export { authorize, type AuthorizeOptions } from "./networkservice/common/authorize/authorize.ts"
export {
  authorizeAnswer,
  type AuthorizeAnswerOptions,
} from "./networkservice/common/authorize-answer.ts"
export { client, type ClientOptions } from "./networkservice/chains/client.ts"
export { endpoint, type EndpointOptions, passthrough } from "./networkservice/chains/endpoint.ts"
export { nsmgr, type ManagerOptions } from "./networkservice/chains/nsmgr.ts"

// network service: mechanisms
export { mechanisms } from "./networkservice/mechanisms/mechanisms.ts"
export {
  mechanismTranslation,
  outgoingMechanism,
} from "./networkservice/mechanisms/mechanism-translation.ts"
export { filterMechanisms } from "./networkservice/mechanisms/filter-mechanisms.ts"
export {
  mechanismPriority,
  type MechanismPriorityOptions,
} from "./networkservice/mechanisms/mechanism-priority.ts"
export {
  kernelEndpoint,
  type KernelEndpointOptions,
  kernelPreference,
  type KernelPreferenceOptions,
} from "./networkservice/mechanisms/kernel.ts"
export { unnumbered, type UnnumberedOptions } from "./networkservice/mechanisms/unnumbered.ts"
export {
  formerVni,
  vxlanPreference,
  type VxlanPreferenceOptions,
} from "./networkservice/mechanisms/vxlan-preference.ts"
export { vni, type VniOptions } from "./networkservice/mechanisms/vni.ts"
export { mtu, type MtuOptions } from "./networkservice/mechanisms/mtu.ts"
export {
  limitMtu,
  tunnelMtu,
  type TunnelMtuOptions,
  type TunnelType,
} from "./networkservice/mechanisms/tunnel-mtu.ts"

// network service: who serves a request
export { candidates } from "./networkservice/common/candidates.ts"
export { supplied, type SuppliedOptions } from "./networkservice/common/supplied.ts"
export { discover, type DiscoverOptions } from "./networkservice/common/discover.ts"
export {
  discoverForwarder,
  type DiscoverForwarderOptions,
} from "./networkservice/common/discover-forwarder.ts"
export { matchEndpoints, matchForwarders } from "./networkservice/common/match.ts"
export { findService, registeredEndpoints } from "./networkservice/common/registered.ts"
export {
  EndpointSelection,
  type EndpointSelectionOptions,
  type SelectionEvent,
} from "./networkservice/selection/endpoint-selection.ts"
export {
  selectEndpoint,
  type SelectEndpointOptions,
} from "./networkservice/selection/select-endpoint.ts"
export { select, type Candidate, type Selection } from "./networkservice/selection/select.ts"
export type {
  Question as SelectionQuestion,
  RuleVerdict,
} from "./networkservice/selection/rules.ts"
export type { Labels, Misfit } from "./networkservice/selection/selector.ts"
export type { Knowledge } from "./networkservice/selection/knowledge.ts"
export type { Level } from "./networkservice/selection/levels.ts"
export { readState, type SelectionState } from "./networkservice/selection/selection-state.ts"
export {
  endpointVerdicts,
  type EndpointVerdict,
  type Why,
} from "./networkservice/selection/verdicts.ts"

// network service: addresses
export { groupIpam, type GroupIpamOptions } from "./networkservice/ipam/group.ts"
export { strictIpam } from "./networkservice/ipam/strict.ts"
export {
  pointToPointIpam,
  type PointToPointIpamOptions,
} from "./networkservice/ipam/point-to-point.ts"
export {
  type LeaseStore,
  noLeaseStore,
  type StoredLease,
} from "./networkservice/ipam/lease-store.ts"
export { leaseFile, type LeaseFileOptions } from "./networkservice/ipam/lease-file.ts"
export { parseCidrGroups } from "./networkservice/ipam/cidr-groups.ts"
export {
  excludedPrefixes,
  type ExcludedPrefixesOptions,
} from "./networkservice/common/excluded-prefixes.ts"
export {
  followPrefixFile,
  type PrefixFile,
  type PrefixFileOptions,
} from "./networkservice/common/prefix-file.ts"
export {
  excludedPrefixesClient,
  type ExcludedPrefixesClientOptions,
} from "./networkservice/common/excluded-prefixes-client.ts"

// network service: for one's own elements
export {
  connectionOf,
  ipContextOf,
  withConnection,
  withIpContext,
} from "./networkservice/connection.ts"

// tools
export { BackOff, type BackOffOptions } from "./tools/back-off.ts"
export { Listeners } from "./tools/listeners.ts"
export { lookAgain, type LookAgainOptions } from "./tools/look-again.ts"
export { checkInterfaceName, generateInterfaceName } from "./tools/interface-name.ts"
export { parseServiceUrl, parseServiceUrls, type ServiceUrl } from "./tools/service-url.ts"
export {
  containsPrefix,
  formatPrefix,
  parsePrefix,
  type Prefix,
  prefixesOverlap,
  widthOf,
} from "./tools/prefix.ts"
export { PrefixPool } from "./tools/prefix-pool.ts"

// identity
export {
  unsignedTokens,
  type Token,
  type TokenSource,
  type UnsignedTokensOptions,
} from "./identity/token.ts"
export { decodeToken, type TokenClaims } from "./identity/decode-token.ts"
export { subjectOf } from "./identity/subject-of.ts"
export { parsePathRecord, type PathRecord, type RecordedHop } from "./identity/path-record.ts"
export { type HopVerdict, verifyPathRecord } from "./identity/verify-path-record.ts"
export { formatPem, parsePem } from "./identity/pem.ts"
export { signedTokens, type SignedTokensOptions } from "./identity/signed-tokens.ts"
export {
  type TokenVerifier,
  verifiedTokens,
  type VerifiedTokensOptions,
} from "./identity/verified-tokens.ts"

// policies
export {
  allowed,
  type Allowed,
  type Denied,
  type Policy,
  type Question,
  type Verdict,
} from "./policy/policy.ts"
export { type InputSegment, type PolicyInput } from "./policy/input.ts"
export {
  type Decision,
  type Policies,
  policies,
  type PoliciesOptions,
  type PolicyPoint,
} from "./policy/policies.ts"
export { builtInPolicies } from "./policy/built-in/built-in.ts"
export { type LoadedPolicies, loadPolicies } from "./policy/load.ts"
export type { PolicyRecord } from "./policy/record.ts"
export { parseRecording, replay, type ReplayedVerdict } from "./policy/replay.ts"

// registry
export {
  networkServiceEndpointRegistryWire,
  networkServiceRegistryWire,
  type NetworkServiceEndpointRegistry,
  type NetworkServiceRegistry,
  type Registries,
  type Registry,
} from "./registry/service.ts"
export {
  endpointKind,
  serviceKind,
  type Deletable,
  type Kind,
  type Named,
  type Watchable,
} from "./registry/kind.ts"
export {
  decodePath,
  encodePath,
  registryPath,
  type PathHolder,
  type RegistryPath,
} from "./registry/registry-path.ts"
export { sendRegistryPath } from "./registry/common/send-registry-path.ts"
export {
  updateRegistryPath,
  type UpdateRegistryPathOptions,
} from "./registry/common/update-registry-path.ts"
export { memoryRegistry, type MemoryRegistry } from "./registry/common/store.ts"
export {
  begin as registryBegin,
  type BeginOptions as RegistryBeginOptions,
} from "./registry/common/begin.ts"
export {
  registrationEvents,
  type RegistrationEvents,
} from "./registry/common/registration-events.ts"
export {
  authorize as registryAuthorize,
  type AuthorizeOptions as RegistryAuthorizeOptions,
} from "./registry/common/authorize.ts"
export {
  authorizeAnswer as registryAuthorizeAnswer,
  type AuthorizeAnswerOptions as RegistryAuthorizeAnswerOptions,
} from "./registry/common/authorize-answer.ts"
export { expire, type ExpireOptions } from "./registry/common/expire.ts"
export { setPayload } from "./registry/common/set-payload.ts"
export { setRegistrationTime } from "./registry/common/set-registration-time.ts"
export { localBypass, type LocalBypassOptions } from "./registry/common/local-bypass.ts"
export { registryClientInfo } from "./registry/common/client-info.ts"
export {
  retry as registryRetry,
  type RetryOptions as RegistryRetryOptions,
} from "./registry/common/retry.ts"
export {
  refresh as registryRefresh,
  type RefreshOptions as RegistryRefreshOptions,
} from "./registry/common/refresh.ts"
export { keep, type KeepOptions } from "./registry/common/keep.ts"
export { watchCache, type WatchCacheOptions } from "./registry/common/watch-cache.ts"
export { registered, type RegistrationOptions } from "./registry/registration.ts"
export { connectRegistries, type ConnectRegistriesOptions } from "./registry/common/connect.ts"
export {
  memoryRegistries,
  type MemoryRegistries,
  type MemoryRegistriesOptions,
  type RegistryChains,
} from "./registry/chains/memory.ts"
export { managerRegistries, type ManagerRegistriesOptions } from "./registry/chains/nsmgr.ts"
export { registryClient, type RegistryClientOptions } from "./registry/chains/client.ts"
