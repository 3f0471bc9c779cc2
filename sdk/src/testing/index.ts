export { FakeClock } from "./fake-clock.ts"
export { assertPrinted, type PrintedText } from "./document.ts"
export { DaemonProcess, type DaemonProcessOptions, type LogLine } from "./daemon-process.ts"
export { DaemonSurroundings, type DaemonSurroundingsOptions } from "./daemon-surroundings.ts"
export { temporaryFolder, type TemporaryFolder } from "./temporary-folder.ts"
export {
  elementContract,
  type ContractSurroundings,
  type ElementContractOptions,
} from "./contract.ts"
export {
  capture,
  type Capture,
  failOn,
  type Failing,
  type Gate,
  hold,
  record,
  type Recorder,
  type Seen,
} from "./probes.ts"
export {
  type CertificateFault,
  fixedIdentity,
  type FixedIdentity,
  type FixedIdentityOptions,
} from "./fixed-identity.ts"
export {
  servedIdentity,
  type ServedIdentity,
  type ServedIdentityOptions,
} from "./served-identity.ts"
export { jwt, type JwtOptions } from "./jwt.ts"
export { testCall } from "./call.ts"
export { requestAtHop, requestOf } from "./messages.ts"
export { deepFreeze } from "./deep-freeze.ts"
export { assertNoSecrets, secretsIn } from "./secrets.ts"
export { MapLeaseStore } from "./map-lease-store.ts"
export { ipamContract } from "./ipam-contract.ts"
export { registriesWith, type Registered } from "./registries.ts"
export { transportContract, type TransportWorld } from "./transport-contract.ts"
export { registryContract, type RegistryWorld } from "./registry-contract.ts"
export { nullForwarder, type NullForwarderOptions } from "./null-forwarder.ts"
export { type NullNode, nullNode, type NullNodeOptions } from "./null-node.ts"
export { type Domain, type DomainOptions, startDomain } from "./domain/domain.ts"
export type { DomainNode } from "./domain/node.ts"
export type { DomainEndpoint, DomainEndpointOptions } from "./domain/endpoint.ts"
export type { DomainClient, DomainRequestOptions } from "./domain/client.ts"
export { registryProbe, type RegistryProbe } from "./registry-probe.ts"
