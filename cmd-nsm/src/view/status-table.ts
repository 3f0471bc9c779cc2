import type { DaemonStatus, PingResult, Status, WireStatus } from "../playground/status.ts"
import { table } from "./table.ts"

/** The wires as a table; with echo results, their round-trip times too. */
export function wireTable(wires: readonly WireStatus[], pings: readonly PingResult[] = []): string {
  if (wires.length === 0) return "No wires."
  const rtt = pings.length > 0
  const head = ["CLIENT", "SERVICE", "ENDPOINT", "MECHANISM", "PATH", "ADDRESSES", "MTU", "STATE"]
  return table(
    rtt ? [...head, "ROUND TRIP"] : head,
    wires.map((wire) => {
      const row = [
        `${wire.client}/${wire.interface || "-"}`,
        wire.service,
        wire.endpoint || "-",
        (wire.state !== "requesting" && wire.mechanism) || "-",
        wire.path.join("\n> ") || "-",
        addressPairs(wire).join("\n") || "-",
        wire.mtu > 0 ? `${wire.mtu}` : "-",
        wire.state,
      ]
      return rtt ? [...row, roundTrips(wire, pings).join("\n")] : row
    }),
  )
}

/** Who each process is, and for how long yet. Empty where nobody has an identity. */
export function identityTable(status: Status, now = Date.now()): string {
  const known = processes(status).flatMap(({ name, identity }) =>
    identity ? [{ name, ...identity }] : [],
  )
  if (known.length === 0) return ""
  return table(
    ["PROCESS", "SPIFFE ID", "EXPIRES IN"],
    known.map(({ name, spiffeId, expiresAt }) => [
      name,
      spiffeId,
      timeLeft(Date.parse(expiresAt) - now),
    ]),
  )
}

/** In the largest two units: `59m 12s`. */
function timeLeft(ms: number): string {
  if (ms <= 0) return "expired"
  const seconds = Math.floor(ms / 1000)
  const units = [
    [Math.floor(seconds / 86_400), "d"],
    [Math.floor(seconds / 3600) % 24, "h"],
    [Math.floor(seconds / 60) % 60, "m"],
    [seconds % 60, "s"],
  ] as const
  const first = units.findIndex(([count]) => count > 0)
  const shown = first < 0 ? units.slice(-1) : units.slice(first, first + 2)
  return shown.map(([count, unit]) => `${count}${unit}`).join(" ")
}

function processes(status: Status): readonly DaemonStatus[] {
  return [
    ...status.shared,
    ...status.nodes.flatMap(({ daemons }) => daemons),
    ...status.workloads.map(({ daemon }) => daemon),
  ]
}

/** Which processes are down, and what to do about it. Empty where all run. */
export function downText(status: Status): string {
  const down = processes(status).filter(({ ended }) => ended !== undefined)
  if (down.length === 0) return ""
  const all = down.map(({ name, ended }) => `${name} (${ended ?? ""})`).join(", ")
  return `Down: ${all}\nTo start: nsm restart ${down.map(({ name }) => name).join(" ")}`
}

/** Some processes as a table. */
export function daemonTable(daemons: readonly DaemonStatus[]): string {
  return table(
    ["PROCESS", "PROGRAM", "PID", "READY"],
    daemons.map((daemon) => [daemon.name, daemon.program, pidOf(daemon), readinessOf(daemon)]),
  )
}

function pidOf({ pid, ended }: DaemonStatus): string {
  return ended === undefined ? `${pid}` : "-"
}

function readinessOf({ ready, ended }: DaemonStatus): string {
  return ended === undefined ? (ready ? "yes" : "no") : `down (${ended})`
}

/** All processes as a table, for `-o wide`. */
export function processTable(status: Status): string {
  const megabytes = (bytes: number): string => `${Math.round(bytes / 2 ** 20)} MiB`
  const rows = [
    ...status.shared.map((daemon) => ["-", daemon] as const),
    ...status.nodes.flatMap((node) => node.daemons.map((daemon) => [node.name, daemon] as const)),
    ...status.workloads.map((workload) => [workload.node, workload.daemon] as const),
  ]
  return table(
    ["NODE", "PROCESS", "PROGRAM", "PID", "READY", "MEMORY"],
    rows.map(([node, daemon]) => [
      node,
      daemon.name,
      daemon.program,
      pidOf(daemon),
      readinessOf(daemon),
      megabytes(daemon.residentBytes),
    ]),
  )
}

function addressPairs({ addresses: { client, endpoint } }: WireStatus): string[] {
  return client.map((address, index) => `${address} > ${endpoint[index] ?? "-"}`)
}

function roundTrips(wire: WireStatus, pings: readonly PingResult[]): string[] {
  return wire.addresses.client.map((address) => {
    const source = address.split("/")[0]
    const ping = pings.find((p) => p.client === wire.client && p.source === source)
    if (!ping) return "-"
    if (ping.received === 0) return `lost ${ping.sent} of ${ping.sent}`
    const middle = ping.rttMs.toSorted((a, b) => a - b)[Math.floor(ping.rttMs.length / 2)] ?? 0
    const lost = ping.sent - ping.received
    return `${middle.toFixed(2)} ms${lost > 0 ? `, lost ${lost} of ${ping.sent}` : ""}`
  })
}
