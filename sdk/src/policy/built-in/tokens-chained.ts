import { allowed, type Policy } from "../policy.ts"
import { brief, segment } from "./segment.ts"

/** Every token of the path is for the hop that comes next. */
export const tokensChained: Policy = {
  name: "common/tokens_chained",
  evaluate({ input, claims }) {
    const tokens = (input.path_segments ?? []).map(({ token = "" }) => claims(token))
    const broken = tokens.findIndex((from, index) => {
      if (index + 1 === tokens.length) return false
      const subject = tokens[index + 1]?.subject
      return subject === undefined || !from?.audience.includes(subject)
    })
    if (broken < 0) return allowed
    const [audience, subject] = [tokens[broken]?.audience ?? [], tokens[broken + 1]?.subject]
    const meant = audience.map((id) => brief(String(id))).join(", ") || "nobody in a list"
    const next = subject === undefined ? "is of nobody" : `is of ${brief(subject)}`
    return {
      isAllowed: false,
      rule: "every token of the path is for the hop that comes next",
      why:
        `the token of ${segment(input, broken)} is for ${meant}, ` +
        `but that of ${segment(input, broken + 1)} ${next}`,
      remedy: "request again with the path as it was returned, and fresh tokens at each hop",
    }
  },
}
