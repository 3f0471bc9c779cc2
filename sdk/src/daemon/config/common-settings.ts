import { httpAddress } from "./http-address.ts"
import { boolean, duration, name, optional, signedDuration, text } from "./kinds.ts"
import { logLevel } from "./log-level.ts"
import type { Setting, Settings } from "./setting.ts"
import { workloadUrl } from "./urls.ts"

/** The settings that every daemon has, whatever it does. */
export function processSettings(defaults: { name: string }) {
  return {
    name: {
      env: "NSM_NAME",
      kind: name,
      default: defaults.name,
      description: "Name of this process in paths, errors and logs",
    },
    logLevel: {
      env: "NSM_LOG_LEVEL",
      kind: logLevel,
      default: "INFO",
      description: "Least level that is logged; SIGUSR1 sets TRACE, SIGUSR2 sets this one again",
    },
    httpListenOn: {
      env: "NSM_HTTP_LISTEN_ON",
      kind: optional(httpAddress),
      default: "127.0.0.1:0",
      description:
        "Where /livez, /readyz and /metrics are served: host:port, :port or unix:///path; " +
        "port 0 is any free one, named in the log's line `ready`; empty serves nothing",
    },
    shutdownTimeoutMs: {
      env: "NSM_SHUTDOWN_TIMEOUT",
      kind: duration,
      default: "10s",
      description: "Time for an orderly end after SIGTERM; then the process exits with 1",
    },
  } as const satisfies Settings
}

/** The settings that every daemon of the mesh has. */
export function commonSettings(defaults: { name: string }) {
  return {
    ...processSettings(defaults),
    maxTokenLifetimeMs: {
      env: "NSM_MAX_TOKEN_LIFETIME",
      kind: signedDuration,
      default: "10m",
      description: "Lifetime of the tokens made here, and so of connections that are not refreshed",
    },
    spiffeEndpointSocket: {
      env: "SPIFFE_ENDPOINT_SOCKET",
      kind: workloadUrl,
      default: "unix:///var/lib/networkservicemesh/authority.sock",
      description:
        "Workload API that says who this process is: that of cmd-authority, SPIRE or others",
    },
    insecure: {
      env: "NSM_INSECURE",
      kind: boolean,
      default: "false",
      description:
        "Whether to do without identities: nothing is encrypted, nobody is asked who they are",
    },
    telemetry: unused("TELEMETRY", "false", "Whether OpenTelemetry is on"),
    openTelemetryEndpoint: unused(
      "NSM_OPEN_TELEMETRY_ENDPOINT",
      "otel-collector.observability.svc.cluster.local:4317",
      "OpenTelemetry collector",
    ),
    metricsExportIntervalMs: unused(
      "NSM_METRICS_EXPORT_INTERVAL",
      "10s",
      "Time between exports of metrics to the collector",
    ),
    pprofEnabled: unused("NSM_PPROF_ENABLED", "false", "Whether Go's profiler is served"),
    pprofListenOn: unused("NSM_PPROF_LISTEN_ON", "localhost:6060", "Where Go's profiler is served"),
  } as const satisfies Settings
}

/** The settings that say where a process runs; they become labels of connections and endpoints. */
export const placeSettings = {
  nodeName: {
    env: "NODE_NAME",
    kind: text,
    default: "",
    description: "Name of the node, the label nodeName",
  },
  podName: {
    env: "POD_NAME",
    kind: text,
    default: "",
    description: "Name of the pod, the label podName",
  },
  clusterName: {
    env: "CLUSTER_NAME",
    kind: text,
    default: "",
    description: "Name of the cluster, the label clusterName",
  },
} as const satisfies Settings

/** A setting of the Go programs that is accepted, whatever its value, and has no effect so far. */
export function unused(env: string, value: string, description: string): Setting<string> {
  return { env, kind: text, default: value, description, isUnused: true }
}
