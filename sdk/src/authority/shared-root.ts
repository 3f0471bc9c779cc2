import { createPublicKey, type KeyObject, type X509Certificate } from "node:crypto"
import { join } from "node:path"
import { NsmError } from "../core/errors.ts"
import { makeCertificate, signingAlgorithm, signingKey } from "./certificate.ts"
import { type Issuer, newKey, toleranceMs } from "./issuer.ts"
import { ownFolder, readIssuer, readKey, secretText } from "./state.ts"
import { writeSecret } from "./write-secret.ts"
import {
  Pkcs10CertificateRequest,
  Pkcs10CertificateRequestGenerator,
  SubjectAlternativeNameExtension,
} from "./x509.ts"

// Authorities of one trust domain on several machines share a root: each makes a request with a key
// that never leaves it, and the one that has the root signs that.

/** Where an authority keeps its keys, and whose it is. */
export interface SharedRootOptions {
  readonly directory: string
  readonly trustDomain: string
}

/** Asks a shared root for a certificate, PKCS#10 in PEM. The key stays in the folder, and is used again. */
export async function requestIntermediate({
  directory,
  trustDomain,
}: SharedRootOptions): Promise<string> {
  await ownFolder(directory)
  const path = keyPath(directory)
  const kept = await secretText(path)
  const privateKey = kept === undefined ? newKey().privateKey : readKey(kept, path)
  if (kept === undefined) {
    await writeSecret(path, privateKey.export({ type: "pkcs8", format: "pem" }).toString())
  }
  const publicKey = createPublicKey(privateKey).toCryptoKey(signingAlgorithm, true, ["verify"])
  const request = await Pkcs10CertificateRequestGenerator.create({
    name: [{ O: ["Network Service Mesh"] }, { CN: ["intermediate authority"] }],
    extensions: [
      new SubjectAlternativeNameExtension([{ type: "url", value: `spiffe://${trustDomain}` }]),
    ],
    signingAlgorithm,
    keys: { privateKey: signingKey(privateKey), publicKey },
  })
  return `${request.toString("pem")}\n`
}

/** What is signed, by whom, and for how long. */
export interface SignIntermediateOptions {
  /** PKCS#10 in PEM. */
  readonly request: string
  /** The shared root. */
  readonly issuer: Issuer
  readonly trustDomain: string
  readonly now: number
  readonly lifetimeMs: number
}

/**
 * Lets the authority that made a request issue identities below this one's root; gives its certificate
 * and those above it, the root last, in PEM. It may not let others do the same.
 */
export async function signIntermediate({
  request,
  issuer,
  trustDomain,
  now,
  lifetimeMs,
}: SignIntermediateOptions): Promise<string> {
  if (issuer.certificate !== issuer.root) {
    throw new NsmError(
      "INVALID_REQUEST",
      "this authority is below a shared root itself: have the authority sign that has the root",
    )
  }
  const publicKey = await requestedKey(request, trustDomain)
  const certificate = await makeCertificate(
    {
      publicKey,
      name: "intermediate authority",
      uris: [`spiffe://${trustDomain}`],
      isAuthority: true,
      pathLength: 0,
      notBefore: Math.max(now - toleranceMs, issuer.certificate.validFromDate.getTime()),
      notAfter: Math.min(now + lifetimeMs, issuer.certificate.validToDate.getTime()),
    },
    issuer,
  )
  return [certificate, issuer.root].map(String).join("")
}

/** Puts what a shared root has signed together with the key that the request was made with. */
export async function readIntermediate(
  pem: string,
  { directory, trustDomain }: SharedRootOptions,
): Promise<Issuer> {
  const path = keyPath(directory)
  const key = await secretText(path)
  if (key === undefined) {
    throw new NsmError(
      "INVALID_CONFIGURATION",
      `there is no key for this certificate: ${path} is missing, which nsm trust csr makes`,
    )
  }
  const blocks = pem.match(/-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----/g) ?? []
  const issuer = readIssuer(blocks, readKey(key, path), "the certificate from the shared root")
  checkDomain(issuer.certificate, trustDomain)
  return issuer
}

function keyPath(directory: string): string {
  return join(directory, "intermediate.key")
}

function checkDomain({ subjectAltName }: X509Certificate, trustDomain: string): void {
  if (subjectAltName === `URI:spiffe://${trustDomain}`) return
  throw new NsmError(
    "INVALID_CONFIGURATION",
    `the certificate from the shared root is for ${String(subjectAltName)}, not for spiffe://${trustDomain}`,
  )
}

async function requestedKey(pem: string, trustDomain: string): Promise<KeyObject> {
  const request = parsed(pem)
  if (!(await request.verify().catch(() => false))) {
    throw refused("its signature is not by the key in it")
  }
  const names = request.extensions
    .filter((extension) => extension instanceof SubjectAlternativeNameExtension)
    .flatMap(({ names: { items } }) => items.map(({ value }) => value))
  if (names.join() !== `spiffe://${trustDomain}`) {
    throw refused(
      `it is for ${names.join(", ") || "nobody"}, but only spiffe://${trustDomain} is signed here`,
    )
  }
  const key = createPublicKey({
    key: Buffer.from(request.publicKey.rawData),
    type: "spki",
    format: "der",
  })
  if (key.asymmetricKeyDetails?.namedCurve === "prime256v1") return key
  throw refused("its key is not EC P-256")
}

function parsed(pem: string): Pkcs10CertificateRequest {
  try {
    return new Pkcs10CertificateRequest(pem)
  } catch (cause) {
    throw new NsmError("INVALID_REQUEST", "this is no certificate request, PKCS#10 in PEM", {
      cause,
    })
  }
}

function refused(why: string): NsmError {
  return new NsmError("INVALID_REQUEST", `the certificate request cannot be signed: ${why}`)
}
