import type { AuditedInterface, PlaygroundAudit } from "../playground/audit.ts"
import { table } from "./table.ts"

/** What the forwarders have in the kernel as a table. */
export function auditTable({ interfaces, silent }: PlaygroundAudit): string {
  const rows = interfaces.map((one) => [
    one.node,
    one.workload,
    one.interface,
    one.kind ?? "-",
    one.alias,
    stateOf(one),
  ])
  const head = ["NODE", "WORKLOAD", "INTERFACE", "KIND", "ALIAS", "STATE"]
  return [
    rows.length > 0 ? table(head, rows) : "No interfaces.",
    ...silent.map(({ node, why }) => `${node}: ${why}`),
  ].join("\n")
}

function stateOf({ state, why, since }: AuditedInterface): string {
  if (why !== undefined) return `${state}: ${why}`
  if (since === undefined) return state
  return `${state} ${state === "orphan" ? "since" : "at"} ${since}`
}
