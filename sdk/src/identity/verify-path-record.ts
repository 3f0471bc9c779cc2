import type { X509Certificate } from "node:crypto"
import { NsmError } from "../core/errors.ts"
import { decodeToken, type TokenClaims } from "./decode-token.ts"
import type { TrustBundles } from "./identity.ts"
import type { PathRecord, RecordedHop } from "./path-record.ts"
import { parsePem } from "./pem.ts"
import { parseSpiffeId } from "./spiffe-id.ts"
import { svidId } from "./svid-id.ts"
import { type TokenVerifier, verifiedTokens } from "./verified-tokens.ts"
import { verifyChain } from "./verify-chain.ts"

/** What is proven of a hop. */
export interface HopVerdict {
  /** Name of the segment. */
  readonly name: string
  /** Whom the token names; proven where there are no problems. */
  readonly id?: string
  /** When the token ends, milliseconds since 1970-01-01T00:00:00Z. */
  readonly expiresAt?: number
  /** Why it is not proven, in words; none when it is. */
  readonly problems: readonly string[]
}

/**
 * Proves a record hop by hop, as of the time when it was taken: each token is signed with the key of
 * its hop's certificate, which leads to a root of the hop's trust domain; it had not ended; and it was
 * made for the next hop, the last for the one before it.
 */
export function verifyPathRecord(record: PathRecord, bundles: TrustBundles): readonly HopVerdict[] {
  const at = Date.parse(record.takenAt)
  const verifier = verifiedTokens({ capacity: 0 })
  const read = record.hops.map(({ token }) => attempt(() => decodeToken(token)))
  return record.hops.map((hop, index) => {
    const [claims, unreadable] = read[index] ?? []
    const neighbour = read[index + 1] ?? read[index - 1]
    return {
      name: hop.name,
      ...(claims && { id: claims.subject }),
      ...(claims?.expiresAt !== undefined && { expiresAt: claims.expiresAt }),
      problems: [
        ...(unreadable ? [unreadable] : []),
        ...(claims ? claimProblems(claims, neighbour?.[0], at) : []),
        ...proofProblems(hop, claims, { verifier, bundles, at }),
      ],
    }
  })
}

/** What is wrong with what a token says. */
function claimProblems(
  { audience, expiresAt }: TokenClaims,
  neighbour: TokenClaims | undefined,
  at: number,
): readonly string[] {
  const problems: string[] = []
  if (expiresAt === undefined) problems.push("its token has no end")
  else if (expiresAt <= at) {
    problems.push(`its token had ended at ${new Date(expiresAt).toISOString()}`)
  }
  if (!neighbour) return problems
  if (!Array.isArray(audience)) problems.push("its token names no list of whom it is for")
  else if (!audience.includes(neighbour.subject)) {
    problems.push(
      `its token is for ${audience.join(", ") || "nobody"}, not for ${neighbour.subject}`,
    )
  }
  return problems
}

/** What is wrong with who made a token. */
function proofProblems(
  { token, certificates, missing }: RecordedHop,
  claims: TokenClaims | undefined,
  { verifier, bundles, at }: { verifier: TokenVerifier; bundles: TrustBundles; at: number },
): readonly string[] {
  const [chain = [], broken] = attempt(() => parsePem(certificates, "what it showed"))
  const [leaf, ...above] = chain
  if (!leaf)
    return [broken ?? `its certificate is not in the record: ${missing ?? "no reason given"}`]
  const [, untrusted] = attempt(() => {
    const { trustDomain } = parseSpiffeId(svidId(leaf))
    if (!bundles.has(trustDomain)) throw notGiven(trustDomain)
    verifyChain([leaf, ...above], { bundles, now: at })
  })
  return [untrusted, claims && notMadeBy(leaf, { token, claims, verifier })].filter(
    (problem) => problem !== undefined,
  )
}

function notMadeBy(
  leaf: X509Certificate,
  { token, claims, verifier }: { token: string; claims: TokenClaims; verifier: TokenVerifier },
): string | undefined {
  const [id] = attempt(() => svidId(leaf))
  if (id !== undefined && id !== claims.subject) {
    return `its token names ${claims.subject}, but its certificate ${id}`
  }
  const [, unsigned] = attempt(() => verifier.verify(token, leaf))
  return unsigned
}

function notGiven(trustDomain: string): NsmError {
  return new NsmError("PEER_NOT_TRUSTED", `the roots of ${trustDomain} were not given`)
}

/** A result, or why there is none. */
function attempt<T>(
  run: () => T,
): readonly [result: T, why?: undefined] | readonly [result: undefined, why: string] {
  try {
    return [run()]
  } catch (thrown) {
    return [undefined, NsmError.from(thrown).text]
  }
}
