import type { Status, WireStatus } from "../playground/status.ts"

/**
 * Draws nodes as boxes with their workloads, and every wire as a line between two workloads.
 *
 * @example
 * ┌ node-1 10.200.0.2 ┐  ┌ node-2 10.200.0.3 ┐
 * │ nse-1             │  │ nsc-2             │
 * └───────────────────┘  └───────────────────┘
 *   nsc-2 @node-2 ══ VXLAN ══ nse-1 @node-1   icmp-responder
 */
export function drawing(status: Status, columns = 100): string {
  const boxes = status.nodes.map((node) =>
    box(
      [node.name, node.addresses[0]?.split("/")[0]].filter(Boolean).join(" "),
      status.workloads
        .filter((workload) => workload.node === node.name)
        .map(({ name, kind, daemon }) => `${daemon.ready ? marks[kind] : marks.unready} ${name}`),
    ),
  )
  const isAllReady = status.workloads.every(({ daemon }) => daemon.ready)
  const hasLinks = status.workloads.some(({ kind }) => kind === "passthrough")
  const link = hasLinks ? `  ${marks.passthrough} link of a chain` : ""
  const legend = `${marks.client} client  ${marks.endpoint} endpoint${link}`
  const parts = [
    rows(boxes, columns),
    wires(status),
    [isAllReady ? legend : `${legend}  ${marks.unready} not ready`],
  ]
  return parts
    .filter((part) => part.length > 0)
    .map((part) => part.join("\n"))
    .join("\n\n")
}

const marks = { client: "○", endpoint: "●", passthrough: "◆", unready: "✗" } as const

function box(title: string, lines: readonly string[]): string[] {
  const inner = Math.max(title.length + 1, ...lines.map((line) => line.length + 1), 12)
  return [
    `┌ ${title} ${"─".repeat(inner - title.length - 1)}┐`,
    ...lines.map((line) => `│ ${line.padEnd(inner)}│`),
    `└${"─".repeat(inner + 1)}┘`,
  ]
}

/** Puts boxes side by side, as many as fit. */
function rows(boxes: readonly (readonly string[])[], columns: number): string[] {
  const lines: string[] = []
  let row: (readonly string[])[] = []
  const flush = (): void => {
    const height = Math.max(0, ...row.map((b) => b.length))
    for (let line = 0; line < height; line++) {
      lines.push(
        row
          .map((b) => b[line] ?? " ".repeat(b[0]?.length ?? 0))
          .join("  ")
          .trimEnd(),
      )
    }
    row = []
  }
  for (const next of boxes) {
    const width = [...row, next].reduce((sum, b) => sum + (b[0]?.length ?? 0) + 2, 0)
    if (row.length > 0 && width > columns) flush()
    row.push(next)
  }
  flush()
  return lines
}

function wires({ wires: all, workloads }: Status): string[] {
  const nodeOf = (name: string): string =>
    workloads.find((workload) => workload.name === name || isStartedBy(workload.name, name))
      ?.node ?? "?"
  const ends = all.map((wire) => ({
    wire,
    left: `${wire.client} @${nodeOf(wire.client)}`,
    right:
      endpointsOf(wire, workloads)
        .map((name) => `${name} @${nodeOf(name)}`)
        .join(" ══ ") || "?",
  }))
  const width = Math.max(0, ...ends.map(({ left }) => left.length))
  return ends.map(
    ({ wire, left, right }) => `  ${left.padEnd(width)} ${line(wire)} ${right}   ${wire.service}`,
  )
}

/** Whether an endpoint has its name from that supplier. */
function isStartedBy(supplier: string, name: string): boolean {
  return name.startsWith(`${supplier}-`) && /^[0-9a-f]{8}$/.test(name.slice(supplier.length + 1))
}

/** The endpoint, after the links of the chain that leads to it. */
function endpointsOf(
  { endpoint, path }: WireStatus,
  workloads: Status["workloads"],
): readonly string[] {
  const isLink = (name: string): boolean =>
    workloads.some((workload) => workload.name === name && workload.kind === "passthrough")
  if (!isLink(endpoint)) return endpoint ? [endpoint] : []
  return [...path.filter(isLink), ...path.slice(-1).filter((name) => !isLink(name))]
}

function line({ state, mechanism }: WireStatus): string {
  return state === "up" ? `══ ${mechanism} ══` : `╌╌ ${state} ╌╌`
}
