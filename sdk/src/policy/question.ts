import type { Peer } from "../core/call.ts"
import type { TokenVerifier } from "../identity/verified-tokens.ts"
import type { PolicyInput } from "./input.ts"
import { claimsReader } from "./jwt.ts"
import type { Question } from "./policy.ts"

/** What is asked about, without what the peer adds. */
export type Subject = Omit<PolicyInput, "auth_info">

/** What a question is made with. */
export interface QuestionOptions extends Pick<Question, "now" | "signal"> {
  readonly peer: Peer | undefined
  readonly verifier: TokenVerifier
}

/** Makes the question that is put to policies. */
export function questionOf(
  subject: Subject,
  { peer, verifier, now, signal }: QuestionOptions,
): Question {
  const certificate = peer?.certificate
  return {
    input: {
      ...subject,
      auth_info: {
        // Policies that come with the suite do without the text.
        get certificate() {
          return certificate?.toString() ?? ""
        },
      },
    },
    now,
    signal,
    claims: claimsReader(),
    isSignedByPeer(token) {
      if (!certificate) return false
      try {
        return Boolean(verifier.verify(token, certificate))
      } catch {
        // Why it is not is for the policy to say, which names the hop.
        return false
      }
    },
  }
}
