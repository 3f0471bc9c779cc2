import type { Misfit } from "@nsm/sdk"
import type { SelectionDocument } from "./selection-document.ts"
import { table } from "./table.ts"

/** Who would be asked, rule by rule, level by level and endpoint by endpoint. */
export function selectionText(document: SelectionDocument): string {
  const { service, client, forwarder, rules, levels, endpoints } = document
  const labels = Object.entries(client.labels).map(([key, value]) => `${key}=${value}`)
  return [
    `${forwarder} chooses an endpoint of ${service} for a client with ${labels.join(", ")}:`,
    ...(rules.length > 0 ? [ruleTable(document)] : ["No match rules: everybody is allowed."]),
    ...(levels.length > 1 ? [levelTable(document)] : []),
    ...(endpoints.length > 0 ? [endpointTable(document)] : ["Nobody provides it."]),
  ].join("\n\n")
}

function ruleTable({ rules }: SelectionDocument): string {
  const decider = rules.find(({ verdict }) => verdict === "applied")?.rule ?? 0
  const words = {
    "source-differs": "is for other clients",
    "fell-through": "leads to nobody, and leaves it to the next",
    applied: "decides",
    "not-reached": `is not looked at, for rule ${decider} decides`,
  } as const
  const rows = rules.map(({ rule, verdict, misfit }) => [
    `${rule}`,
    words[verdict] + (misfit ? `: ${misfitWords(misfit)}` : ""),
  ])
  return table(["RULE", "WHAT IT DOES"], rows)
}

function levelTable({ levels }: SelectionDocument): string {
  const percent = (share: number): string => `${Math.round(share * 100)} %`
  const rows = levels.map(({ level, priority, shares, usable, percent: gets }) => [
    ...[`${level}`, `${priority}`, shares ?? "-", percent(usable), `${gets} %`],
  ])
  return table(["LEVEL", "PRIORITY", "SAME", "USABLE", "GETS"], rows)
}

function endpointTable({ endpoints }: SelectionDocument): string {
  const rows = endpoints.map((endpoint) => [
    `${endpoint.place ?? "-"}`,
    endpoint.name,
    endpoint.node ?? "-",
    `${endpoint.level ?? "-"}`,
    `${endpoint.weight ?? "-"}`,
    why(endpoint),
  ])
  return table(["PLACE", "ENDPOINT", "NODE", "LEVEL", "WEIGHT", "WHY"], rows)
}

function why(endpoint: SelectionDocument["endpoints"][number]): string {
  const { until, refusals = [] } = endpoint
  switch (endpoint.why) {
    case "turn":
      return "it is its turn"
    case "spill-over":
      return "spilled over: levels before its own cannot take all"
    case "last-resort":
      return "there is nobody better"
    case "later-turn":
      return "its turn comes later"
    case "before":
      return "its level cannot take all, and this request is for the next one"
    case "priority":
      return "its priority is lower"
    case "farther":
      return "others are nearer"
    case "ejected":
      return `ejected until ${until ?? "?"}: it keeps failing`
    case "former":
      return "the connection had it before"
    case "not-allowed":
      return refusals.length === 0
        ? "no rule is for this client"
        : refusals.map(({ rule, misfit }) => `rule ${rule}: ${misfitWords(misfit)}`).join("\n")
  }
}

function misfitWords({ label, wanted, has }: Misfit): string {
  return `${label} is ${has === undefined ? "missing" : JSON.stringify(has)}, not ${JSON.stringify(wanted)}`
}
