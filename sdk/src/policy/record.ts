import type { NsmError } from "../core/errors.ts"
import type { InputSegment, PolicyInput } from "./input.ts"
import { claimsReader, readJwt } from "./jwt.ts"
import type { PolicyPoint } from "./policies.ts"
import type { Question } from "./policy.ts"

/** One line of a recording: what policies were asked, and what they said. No token in it is of use. */
export interface PolicyRecord {
  readonly version: 1
  /** When they were asked, RFC 3339. */
  readonly time: string
  /** Where they were asked. */
  readonly point: PolicyPoint
  readonly verdict: "allowed" | "denied" | "failed"
  /** Why not. */
  readonly why?: string
  /** The document, with the signatures of the tokens cut off. */
  readonly input: PolicyInput
  /** Those of its tokens that were signed with the key of the peer's certificate. */
  readonly signedByPeer: readonly string[]
}

/** What to write down about a question and its answer. */
export function recordOf(
  point: PolicyPoint,
  { input, now, isSignedByPeer }: Question,
  error: NsmError | undefined,
): PolicyRecord {
  const { path_segments: segments, ...rest } = input
  const tokens = (segments ?? []).flatMap(({ token }) => token ?? [])
  return {
    version: 1,
    time: new Date(now).toISOString(),
    point,
    verdict: verdictOf(error),
    ...(error && { why: error.text }),
    input: { ...rest, ...(segments && { path_segments: segments.map(unsigned) }) },
    signedByPeer: tokens.filter((token) => isSignedByPeer(token)).map(withoutSignature),
  }
}

/** The question that a record was made of; signatures are believed as it says. */
export function questionFrom({ time, input, signedByPeer }: PolicyRecord): Question {
  return {
    input,
    now: Date.parse(time),
    signal: new AbortController().signal,
    claims: claimsReader(),
    isSignedByPeer: (token) => signedByPeer.includes(token),
  }
}

function verdictOf(error: NsmError | undefined): PolicyRecord["verdict"] {
  if (!error) return "allowed"
  return error.reason === "PERMISSION_DENIED" ? "denied" : "failed"
}

function unsigned({ token, ...rest }: InputSegment): InputSegment {
  return token === undefined ? rest : { ...rest, token: withoutSignature(token) }
}

/** What a token says, but not what makes others believe it; nothing of what is no token. */
function withoutSignature(token: string): string {
  return readJwt(token) ? token.slice(0, token.lastIndexOf(".") + 1) : "unreadable"
}
