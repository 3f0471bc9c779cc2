/** What every daemon of the suite is made with: settings, log, health, metrics and life cycle. */

// life cycle
export { runDaemon } from "./run-daemon.ts"
export type { Daemon, DaemonProgram, DaemonSettings } from "./daemon.ts"
export { TaskGroup } from "./task-group.ts"
export type { Check, Need, Readiness } from "./readiness.ts"

// settings
export { commonSettings, placeSettings, processSettings, unused } from "./config/common-settings.ts"
export { endpointSettings } from "./config/endpoint-settings.ts"
export {
  clientPolicySettings,
  registryClientPolicySettings,
  registryServerPolicySettings,
  serverPolicySettings,
} from "./config/policy-settings.ts"
export type { Kind, Setting, Settings, Values } from "./config/setting.ts"
export {
  boolean,
  duration,
  integer,
  listOf,
  map,
  name,
  oneOf,
  optional,
  signedDuration,
  text,
} from "./config/kinds.ts"
export type { HttpAddress } from "./config/http-address.ts"
export { dialUrl, listenUrl, workloadUrl } from "./config/urls.ts"
export { namespaceUrl } from "./config/namespace-url.ts"
export { readConfig, type Config, type Environment } from "./config/read-config.ts"
export { configurationTable } from "./config/print.ts"

// what it lets through
export { daemonPolicies, type DaemonPolicies, type PolicyConfig } from "./policies.ts"

// what it says of itself
export { daemonLog, type DaemonLog, type DaemonLogOptions } from "./log.ts"
export { describeError, type ErrorDescription } from "./describe-error.ts"
export { explainError } from "./explain-error.ts"
export { jsonRoute, type HttpAnswer, type HttpRequest, type Route } from "./http/route.ts"
export { requestMetrics } from "./request-metrics.ts"
export { healMetrics } from "./heal-metrics.ts"
export { connectionMetrics } from "./connection-metrics.ts"
export { metered, type RegistryMetricsOptions } from "./registry-metrics.ts"
export { daemonIdentity, type DaemonIdentity, type IdentifiedDaemon } from "./identity.ts"
export { followHealth, type FollowHealthOptions } from "./follow-health.ts"

// what an endpoint is reached by
export { endpointEntry, type EndpointEntryConfig } from "./endpoint-entry.ts"
export { ownSocket, type OwnSocket } from "./own-socket.ts"
