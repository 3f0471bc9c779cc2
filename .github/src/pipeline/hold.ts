import type { Forge, OpenProposal } from "./forge/forge.ts"

/** Has a proposal wait for a person, and says why unless it says so already. */
export async function hold(forge: Forge, proposal: OpenProposal, why: string): Promise<void> {
  if (proposal.waits !== why) await forge.wait(proposal, why)
}
