import { allowed, type Policy } from "../policy.ts"
import { segment } from "./segment.ts"

/** No token of the path has ended. */
export const tokensExpired: Policy = {
  name: "common/tokens_expired",
  evaluate({ input, now, claims }) {
    const ends = (input.path_segments ?? []).map(({ token = "" }) => claims(token)?.expires)
    const ended = ends.findIndex((end) => end === undefined || now >= end * 1000)
    if (ended < 0) return allowed
    return {
      isAllowed: false,
      rule: "no token of the path has ended",
      why: `the token of ${segment(input, ended)} ${past(ends[ended], now)}`,
      remedy: "have that hop refresh in time, and compare the clocks of both machines",
    }
  },
}

function past(end: number | undefined, now: number): string {
  if (end === undefined) return "has no end"
  return `ended ${Math.round(now / 1000 - end)} s ago`
}
