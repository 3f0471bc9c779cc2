import type { KeyObject, X509Certificate } from "node:crypto"

/** An X.509-SVID: the certificate that shows a SPIFFE id, and its key (SPIFFE X509-SVID, section 2). */
export interface X509Svid {
  /** `spiffe://trust-domain/path`. */
  readonly id: string
  /** The leaf, then what leads from it to a root; at least one. */
  readonly certificates: readonly [X509Certificate, ...X509Certificate[]]
  /** EC P-256 wherever it signs tokens. */
  readonly privateKey: KeyObject
  /** End of the leaf, milliseconds since 1970-01-01T00:00:00Z. */
  readonly expiresAt: number
}

/** Roots by trust domain: the own domain's and those of the domains that it is joined with. */
export type TrustBundles = ReadonlyMap<string, readonly X509Certificate[]>

/** Who a process is, and whom it believes. */
export interface Identity {
  readonly svid: X509Svid
  readonly bundles: TrustBundles
}

/** An identity that is renewed while the process runs. */
export interface IdentitySource {
  /** The one to use now. */
  readonly current: Identity
  /** Calls `listener` after every renewal, until it is disposed. */
  onChange(listener: (identity: Identity) => void): Disposable
}
