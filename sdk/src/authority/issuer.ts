import { generateKeyPairSync, type KeyObject, type X509Certificate } from "node:crypto"
import type { X509Svid } from "../identity/identity.ts"
import { makeCertificate } from "./certificate.ts"

/** What certificates are issued with, and what makes them believed. */
export interface Issuer {
  readonly certificate: X509Certificate
  /** EC P-256. */
  readonly privateKey: KeyObject
  /** What leads from its certificate to the root, without both; empty under a root of its own. */
  readonly above: readonly X509Certificate[]
  /** What others have to believe; the certificate itself, unless the root is shared. */
  readonly root: X509Certificate
}

/** Clocks differ: what is issued now, was valid a minute ago already. */
export const toleranceMs = 60_000

/** What a new key is certified for. */
export interface IssueOptions {
  readonly now: number
  readonly lifetimeMs: number
}

/** Makes a key of the one kind that is used here, EC P-256: it signs the tokens, too. */
export function newKey(): { readonly publicKey: KeyObject; readonly privateKey: KeyObject } {
  return generateKeyPairSync("ec", { namedCurve: "P-256" })
}

/** Makes a root of a trust domain, with a new key. */
export async function makeRoot(
  trustDomain: string,
  { now, lifetimeMs }: IssueOptions,
): Promise<Issuer> {
  const { publicKey, privateKey } = newKey()
  const certificate = await makeCertificate(
    {
      publicKey,
      name: "authority",
      uris: [`spiffe://${trustDomain}`],
      isAuthority: true,
      notBefore: now - toleranceMs,
      notAfter: now + lifetimeMs,
    },
    { privateKey },
  )
  return { certificate, privateKey, above: [], root: certificate }
}

/** Issues an X.509-SVID with a new key. It ends with its issuer at the latest. */
export async function issueSvid(
  issuer: Issuer,
  { id, now, lifetimeMs }: IssueOptions & { readonly id: string },
): Promise<X509Svid> {
  const { publicKey, privateKey } = newKey()
  const certificate = await makeCertificate(
    {
      publicKey,
      name: "workload",
      uris: [id],
      isAuthority: false,
      notBefore: Math.max(now - toleranceMs, issuer.certificate.validFromDate.getTime()),
      notAfter: Math.min(now + lifetimeMs, issuer.certificate.validToDate.getTime()),
    },
    issuer,
  )
  const between = issuer.certificate === issuer.root ? [] : [issuer.certificate, ...issuer.above]
  const expiresAt = certificate.validToDate.getTime()
  return { id, certificates: [certificate, ...between], privateKey, expiresAt }
}
