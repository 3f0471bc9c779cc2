import type { Authority } from "@nsm/sdk/authority"
import { Gauge, type Registry } from "prom-client"

/** Shows how long the roots hold. */
export function rootMetrics(
  authority: Pick<Authority, "bundle" | "issuer">,
  metrics: Registry,
): void {
  const roots: Gauge = new Gauge({
    name: "nsm_authority_roots",
    help: "Roots that are published now",
    registers: [metrics],
    collect: () => roots.set(authority.bundle.length),
  })
  const expiry: Gauge = new Gauge({
    name: "nsm_authority_issuer_expiry_seconds",
    help: "When the certificate ends with which identities are issued now, in seconds since 1970",
    registers: [metrics],
    collect: () => expiry.set(authority.issuer.certificate.validToDate.getTime() / 1000),
  })
}
