import type { X509Certificate } from "node:crypto"
import { NsmError } from "../core/errors.ts"
import { parseSpiffeId } from "./spiffe-id.ts"

/** `kind:value`, where Node writes values as JSON that could be taken for more than one. */
const name = /([\w ]+):("(?:[^"\\]|\\.)*"|[^,]*)(?:, |$)/gy

/**
 * The SPIFFE id that a leaf certificate names: it may not sign others, and has exactly one URI, which
 * is a SPIFFE id with a path (SPIFFE X509-SVID, sections 2 to 4). Fails with IDENTITY_INVALID.
 */
export function svidId(certificate: X509Certificate): string {
  const { ca } = certificate
  const uris = urisOf(certificate)
  const [id] = uris
  if (id === undefined || uris.length > 1) {
    throw invalid(`a certificate with ${uris.length} URIs says nobody's id: it needs exactly one`)
  }
  if (ca)
    throw invalid(`the certificate of ${id.slice(0, 200)} may sign others, so it is no workload's`)
  if (!parsed(id)?.path) {
    throw invalid(`the URI of a certificate, ${id.slice(0, 200)}, is no workload's SPIFFE id`)
  }
  return id
}

/** The URIs that a certificate names. */
export function urisOf({ subjectAltName = "" }: X509Certificate): readonly string[] {
  const names = [...subjectAltName.matchAll(name)]
  return names.filter(([, kind]) => kind === "URI").map(([, , value = ""]) => value)
}

function parsed(id: string): { path: string } | undefined {
  try {
    return parseSpiffeId(id)
  } catch {
    return undefined
  }
}

function invalid(text: string): NsmError {
  return new NsmError("IDENTITY_INVALID", text)
}
