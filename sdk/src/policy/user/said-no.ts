import type { Denied } from "../policy.ts"

/** What a policy in Rego came to, with its own words where it has some. */
export function saidNo(why: unknown): Denied {
  return {
    isAllowed: false,
    rule: "data.nsm.valid is true",
    why: typeof why === "string" && why !== "" ? why.slice(0, 500) : "it is not",
    remedy: "see the policy, or ask who keeps it",
  }
}
