import type { HopVerdict, PathRecord } from "@nsm/sdk"
import { table } from "./table.ts"

/** What is proven of each hop, with when its token ends. */
export function pathTable(
  { takenAt, connection: { id, networkService } }: PathRecord,
  verdicts: readonly HopVerdict[],
): string {
  const rows = verdicts.map(({ name, id: spiffeId, problems, expiresAt }) => [
    name,
    spiffeId ?? "-",
    problems.length === 0 ? "ok" : problems.join("\n"),
    expiresAt === undefined ? "-" : new Date(expiresAt).toISOString(),
  ])
  return [
    `${id} to ${networkService}, at ${takenAt}:`,
    table(["HOP", "SPIFFE ID", "TOKEN", "EXPIRES"], rows),
  ].join("\n\n")
}
