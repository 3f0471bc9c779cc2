import { allowed, type Policy } from "../policy.ts"
import { segment } from "./segment.ts"

/** The caller signed its token with the key of the certificate that it showed. */
export const prevTokenSigned: Policy = {
  name: "server/prev_token_signed",
  evaluate({ input, isSignedByPeer }) {
    const { index = 0, path_segments = [] } = input
    const token = path_segments[index - 1]?.token
    if (token !== undefined && isSignedByPeer(token)) return allowed
    return {
      isAllowed: false,
      rule: "the caller signed its token with the key of its certificate",
      why:
        token === undefined
          ? `path.index is ${index}, and no segment before it has a token of the caller`
          : `the token of ${segment(input, index - 1)} is not signed with that key`,
      remedy:
        "have the caller sign its token (ES256) with the key of the SVID that it connects with",
    }
  },
}
