import { table } from "./table.ts"

/** What became of an update. */
export interface UpdateRow {
  readonly branch: string
  readonly outcome: string
  readonly why?: string
}

/** What became of updates, or a sentence where there are none. */
export function updateTable(updates: readonly UpdateRow[], none: string): string {
  if (updates.length === 0) return none
  const rows = updates.map(({ branch, outcome, why = "" }) => [branch, outcome, why])
  return table(["BRANCH", "OUTCOME", "WHY"], rows)
}
