import { Counter, Gauge } from "prom-client"
import type { NsmError } from "../core/errors.ts"
import type { Identity, IdentitySource } from "../identity/identity.ts"
import { mutualTls } from "../identity/mutual-tls.ts"
import { formatPem } from "../identity/pem.ts"
import { signedTokens } from "../identity/signed-tokens.ts"
import { type TokenSource, unsignedTokens } from "../identity/token.ts"
import { workloadApi } from "../identity/workload-api.ts"
import type { GrpcTransportOptions } from "../transport/grpc/transport.ts"
import type { commonSettings } from "./config/common-settings.ts"
import type { Values } from "./config/setting.ts"
import type { Daemon, DaemonSettings } from "./daemon.ts"
import { jsonRoute } from "./http/route.ts"

/** Who a daemon is, and what that makes of its connections. */
export interface DaemonIdentity {
  /** For the daemon's gRPC transport. */
  readonly connections: Pick<GrpcTransportOptions, "security" | "tokens" | "onRefused">
  /** For its path segments. */
  readonly tokens: TokenSource
  /** Undefined where it does without an identity. */
  readonly source: IdentitySource | undefined
}

/** A daemon with the settings that say where its identity comes from. */
export type IdentifiedDaemon = Pick<
  Daemon<DaemonSettings>,
  "log" | "clock" | "random" | "metrics" | "readiness" | "route" | "signal" | "use"
> & {
  readonly config: Pick<
    Values<ReturnType<typeof commonSettings>>,
    "spiffeEndpointSocket" | "insecure" | "maxTokenLifetimeMs"
  >
}

/**
 * Finds out who the daemon is, which may take until the authority is there, and follows that: its
 * renewals are logged, its end is a metric and hangs on readiness, and `/identity` shows it.
 */
export async function daemonIdentity(daemon: IdentifiedDaemon): Promise<DaemonIdentity> {
  const { config, log, clock, metrics } = daemon
  const { insecure, maxTokenLifetimeMs: lifetimeMs } = config
  if (insecure) {
    log.warn("NSM_INSECURE is set: nothing is encrypted, and nobody is asked who they are")
    const tokens = unsignedTokens({ clock, lifetimeMs })
    return { connections: { tokens }, tokens, source: undefined }
  }
  const source = await followed(daemon)
  const refusals = new Counter({
    name: "nsm_connections_refused_total",
    help: "Connections that were not taken, by reason",
    labelNames: ["reason"],
    registers: [metrics],
  })
  const tokens = signedTokens({ source, clock, lifetimeMs })
  const onRefused = ({ reason }: NsmError): void => refusals.inc({ reason })
  return {
    connections: { security: mutualTls({ source, clock }), tokens, onRefused },
    tokens,
    source,
  }
}

async function followed(daemon: IdentifiedDaemon): Promise<IdentitySource> {
  const { config, log, clock, random, metrics, readiness, route, signal, use } = daemon
  const url = config.spiffeEndpointSocket
  const need = readiness.needs("identity")
  need.unmet(`${url} has not given one yet`)
  const source = use("identity", workloadApi({ url, clock, log, random }))

  let end: Disposable | undefined
  const renewed = ({ svid, bundles }: Identity): void => {
    const expiresAt = new Date(svid.expiresAt).toISOString()
    log.info("identity", { id: svid.id, expiresAt, trustDomains: [...bundles.keys()] })
    need.met()
    end?.[Symbol.dispose]()
    end = clock.schedule(svid.expiresAt - clock.now(), () => {
      need.unmet(`that of ${svid.id} has expired, and ${url} gives none`)
    })
  }
  use("renewals", source.onChange(renewed))
  use("end of the identity", { [Symbol.dispose]: () => end?.[Symbol.dispose]() })

  const { svid } = await source.first(signal)
  let latest = svid
  use(
    "latest identity",
    source.onChange((identity) => (latest = identity.svid)),
  )
  const expiry: Gauge = new Gauge({
    name: "nsm_identity_expiry_seconds",
    help: "When the identity ends, in seconds since 1970",
    registers: [metrics],
    collect: () => expiry.set(latest.expiresAt / 1000),
  })
  route(
    jsonRoute("/identity", () => ({
      spiffeId: latest.id,
      expiresAt: new Date(latest.expiresAt).toISOString(),
      certificates: formatPem(latest.certificates),
    })),
  )
  return source
}
