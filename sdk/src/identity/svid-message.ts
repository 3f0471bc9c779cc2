import { createPrivateKey, type KeyObject, type X509Certificate } from "node:crypto"
import { create } from "@bufbuild/protobuf"
import {
  type X509BundlesResponse,
  X509BundlesResponseSchema,
  type X509SvidResponse,
  X509SvidResponseSchema,
} from "@nsm/api"
import { NsmError } from "../core/errors.ts"
import { joinCertificates, splitCertificates } from "./der.ts"
import type { Identity, TrustBundles, X509Svid } from "./identity.ts"
import { parseSpiffeId } from "./spiffe-id.ts"
import { svidId } from "./svid-id.ts"

const scheme = "spiffe://"

/** Writes an identity as the Workload API answers it. */
export function encodeIdentity({ svid, bundles }: Identity): X509SvidResponse {
  const { trustDomain } = parseSpiffeId(svid.id)
  const others = [...bundles].filter(([domain]) => domain !== trustDomain)
  return create(X509SvidResponseSchema, {
    svids: [
      {
        spiffeId: svid.id,
        x509Svid: joinCertificates(svid.certificates),
        x509SvidKey: svid.privateKey.export({ type: "pkcs8", format: "der" }),
        bundle: joinCertificates(bundles.get(trustDomain) ?? []),
      },
    ],
    federatedBundles: byId(others),
  })
}

/** Writes roots as the Workload API answers them. */
export function encodeBundles(bundles: TrustBundles): X509BundlesResponse {
  return create(X509BundlesResponseSchema, { bundles: byId([...bundles]) })
}

/** Reads what the Workload API answered. Of several identities, the first one counts. */
export function decodeIdentity({ svids, federatedBundles }: X509SvidResponse): Identity {
  const [first] = svids
  if (!first) throw invalid("the answer has no identity")
  const { spiffeId: id } = first
  const { trustDomain } = parseSpiffeId(id)
  const [leaf, ...above] = splitCertificates(first.x509Svid, `the certificates of ${id}`)
  if (!leaf) throw invalid(`there is no certificate for ${id}`)
  const named = svidId(leaf)
  if (named !== id) throw invalid(`the certificate for ${id} names ${named}`)
  const svid: X509Svid = {
    id,
    certificates: [leaf, ...above],
    privateKey: keyOf(leaf, first.x509SvidKey, id),
    expiresAt: leaf.validToDate.getTime(),
  }
  const own = splitCertificates(first.bundle, `the roots of ${trustDomain}`)
  if (own.length === 0) throw invalid(`there is no root of ${trustDomain}`)
  const joined = Object.entries(federatedBundles).map(([domain, bytes]) => {
    const name = domain.startsWith(scheme) ? domain.slice(scheme.length) : domain
    return [name, splitCertificates(bytes, `the roots of ${name}`)] as const
  })
  return { svid, bundles: new Map([...joined, [trustDomain, own]]) }
}

function keyOf(leaf: X509Certificate, bytes: Uint8Array, id: string): KeyObject {
  const key = readKey(bytes, id)
  if (!leaf.checkPrivateKey(key))
    throw invalid(`key and certificate of ${id} do not belong together`)
  if (key.asymmetricKeyDetails?.namedCurve !== "prime256v1") {
    throw invalid(`the key of ${id} is not EC P-256, which the tokens are signed with`)
  }
  return key
}

function readKey(bytes: Uint8Array, id: string): KeyObject {
  try {
    return createPrivateKey({ key: Buffer.from(bytes), type: "pkcs8", format: "der" })
  } catch {
    // Without the cause: nothing of a key goes into logs.
    throw invalid(`the key of ${id} is not PKCS#8`)
  }
}

function byId(bundles: readonly (readonly [string, readonly X509Certificate[]])[]) {
  const entries = bundles.map(([domain, roots]) => [scheme + domain, joinCertificates(roots)])
  return Object.fromEntries(entries) as Record<string, Uint8Array>
}

function invalid(text: string): NsmError {
  return new NsmError("IDENTITY_INVALID", text)
}
