import { allowed, type Policy } from "../policy.ts"
import { segment } from "./segment.ts"

/** The server signed its token with the key of the certificate that it showed. */
export const nextTokenSigned: Policy = {
  name: "client/next_token_signed",
  evaluate({ input, isSignedByPeer }) {
    const { index = 0, path_segments = [] } = input
    const token = path_segments[index + 1]?.token
    if (token !== undefined && isSignedByPeer(token)) return allowed
    return {
      isAllowed: false,
      rule: "the server signed its token with the key of its certificate",
      why:
        token === undefined
          ? `the path that was answered has no token after segment ${index}`
          : `the token of ${segment(input, index + 1)} is not signed with that key`,
      remedy:
        "have the server return the path, and sign its token (ES256) with the key of its SVID",
    }
  },
}
