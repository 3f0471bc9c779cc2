import { longestToken } from "../jwt.ts"
import { allowed, type Policy } from "../policy.ts"
import { segment } from "./segment.ts"

/** Every token of the path can be read as a JWT. */
export const tokensValid: Policy = {
  name: "common/tokens_valid",
  evaluate({ input, claims }) {
    const { path_segments = [] } = input
    const unreadable = path_segments.findIndex(({ token }) => !token || !claims(token))
    if (unreadable < 0) return allowed
    return {
      isAllowed: false,
      rule: "every token of the path can be read",
      why: `${segment(input, unreadable)} has ${fault(path_segments[unreadable]?.token)}`,
      remedy: "have that hop send nsm-client-token and nsm-client-token-expires with each call",
    }
  },
}

function fault(token = ""): string {
  if (token === "") return "no token"
  return token.length > longestToken
    ? `a token of ${token.length} characters, of which ${longestToken} are allowed`
    : "a token that is no JWT"
}
