import type { Findings } from "../forge/findings.ts"
import type { Change } from "./change.ts"

/** What has been let go, and what a failure needs, with what is found without it. */
export interface Fewest {
  readonly held: readonly Change[]
  readonly needed: readonly { readonly change: Change; readonly findings: Findings }[]
}

/** Lets go one change after the other as long as the same failure stays; the rest is needed for it. */
export async function fewest({
  changes,
  without,
  isSame,
}: {
  readonly changes: readonly Change[]
  readonly without: (changes: readonly Change[]) => Promise<Findings>
  readonly isSame: (findings: Findings) => boolean
}): Promise<Fewest> {
  const held: Change[] = []
  const needed: { change: Change; findings: Findings }[] = []
  for (const change of changes) {
    const findings = await without([...held, change])
    if (isSame(findings)) held.push(change)
    else needed.push({ change, findings })
  }
  return { held, needed }
}
