import { generateKeyPairSync, type KeyObject } from "node:crypto"
import { type Authority, createAuthority } from "../authority/authority.ts"
import { type CertificateContents, makeCertificate } from "../authority/certificate.ts"
import { newKey } from "../authority/issuer.ts"
import { type Clock, systemClock } from "../core/clock.ts"
import type { Identity, IdentitySource, X509Svid } from "../identity/identity.ts"
import { parseSpiffeId } from "../identity/spiffe-id.ts"
import { Listeners } from "../tools/listeners.ts"

/** What can be wrong with a certificate. */
export type CertificateFault =
  | "expired"
  | "not yet valid"
  | "two URIs"
  | "no URI"
  | "no SPIFFE id"
  | "authority as leaf"
  | "other key type"
  | "stolen key"

/** Whose identity it is, and who vouches for it. */
export interface FixedIdentityOptions {
  /** `spiffe://trust-domain/path`. */
  readonly id: string
  /** Who issues it; two that believe each other have the same one. @default a new one of the trust domain */
  readonly authority?: Authority
  /** Authorities of other trust domains, which it believes. @default none */
  readonly joined?: readonly Authority[]
  /** @default a certificate without faults */
  readonly fault?: CertificateFault
  /** @default systemClock */
  readonly clock?: Clock
}

/** An identity that stays until a test changes it. */
export interface FixedIdentity extends IdentitySource {
  readonly authority: Authority
  /** Has it issued anew, without faults, with the roots as they are now, and tells the listeners. */
  renew(): Promise<void>
  /** Puts another one in its place, and tells the listeners. */
  set(identity: Identity): void
}

/** Makes an identity for a test, good or bad. */
export async function fixedIdentity({
  id,
  clock = systemClock,
  authority,
  joined = [],
  fault,
}: FixedIdentityOptions): Promise<FixedIdentity> {
  const issuing = authority ?? (await lastingAuthority(parseSpiffeId(id).trustDomain, clock))
  const listeners = new Listeners<Identity>()
  const withBundles = (svid: X509Svid): Identity => ({
    svid,
    bundles: new Map([issuing, ...joined].map((each) => [each.trustDomain, each.bundle])),
  })
  let current = withBundles(
    fault ? await faultySvid(issuing, { id, fault, now: clock.now() }) : await issuing.issue(id),
  )
  const set = (identity: Identity): void => {
    current = identity
    listeners.tell(identity)
  }
  return {
    authority: issuing,
    get current() {
      return current
    },
    onChange: (listener) => listeners.add(listener),
    set,
    renew: async () => set(withBundles(await issuing.issue(id))),
  }
}

/** Nothing waits for its roots to end, so that a test may forget it. */
async function lastingAuthority(trustDomain: string, clock: Clock): Promise<Authority> {
  const authority = await createAuthority({ trustDomain, clock })
  authority[Symbol.dispose]()
  return authority
}

/** Issues a certificate as no authority does it. */
export async function faultySvid(
  { issuer }: Authority,
  {
    id,
    fault,
    now,
  }: { readonly id: string; readonly fault: CertificateFault; readonly now: number },
): Promise<X509Svid> {
  const hour = 3_600_000
  const { publicKey, privateKey } =
    fault === "other key type" ? generateKeyPairSync("ec", { namedCurve: "P-384" }) : newKey()
  const right: CertificateContents = {
    publicKey,
    name: "workload",
    uris: [id],
    isAuthority: false,
    notBefore: now - hour,
    notAfter: now + hour,
  }
  const certificate = await makeCertificate({ ...right, ...faults(now, id)[fault] }, issuer)
  const key: KeyObject = fault === "stolen key" ? newKey().privateKey : privateKey
  const expiresAt = certificate.validToDate.getTime()
  return { id, certificates: [certificate], privateKey: key, expiresAt }
}

function faults(now: number, id: string): Record<CertificateFault, Partial<CertificateContents>> {
  const second = 1000
  return {
    expired: { notAfter: now - second },
    "not yet valid": { notBefore: now + 60 * second },
    "two URIs": { uris: [id, `${id}/other`] },
    "no URI": { uris: [] },
    "no SPIFFE id": { uris: ["https://example.org/a"] },
    "authority as leaf": { isAuthority: true },
    "other key type": {},
    "stolen key": {},
  }
}
