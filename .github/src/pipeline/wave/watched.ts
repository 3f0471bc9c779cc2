import { type BareForge, canBeTold } from "../forge/bare-forge.ts"
import type { Forge } from "../forge/forge.ts"
import type { Progress } from "./progress.ts"

/** The same forge; what steps do to it is told at once, not only when they have ended. */
export function watched(forge: Forge, tell: (event: Progress) => void): Forge {
  const branches = new Map<string, string>()
  const one: Forge = {
    ...forge,
    async proposals() {
      const all = await forge.proposals()
      for (const { commit, branch } of all) branches.set(commit, branch)
      return all
    },
    async propose(proposal) {
      await forge.propose(proposal)
      tell({ kind: "opened", branch: proposal.branch, title: proposal.title })
    },
    async withdraw(proposal, why) {
      await forge.withdraw(proposal, why)
      tell({ kind: "withdrawn", branch: proposal.branch, why })
    },
    async report(issue) {
      await forge.report(issue)
      tell({ kind: "reported", issue })
    },
    async settle(key, why) {
      const issue = (await forge.issues()).find((each) => each.key === key)
      await forge.settle(key, why)
      if (issue) tell({ kind: "settled", issue })
    },
    async merge(proposal) {
      const isMerged = await forge.merge(proposal)
      if (isMerged) tell({ kind: "merged", branch: proposal.branch })
      return isMerged
    },
  }
  if (!canBeTold(forge)) return one
  const bare: BareForge = {
    ...forge,
    ...one,
    async judge(commit, findings) {
      await forge.judge(commit, findings)
      const branch = branches.get(commit)
      if (branch !== undefined) tell({ kind: "checked", branch, findings })
    },
  }
  return bare
}
