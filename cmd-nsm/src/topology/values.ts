import { MechanismParameter } from "@nsm/api"
import { groupIpam, NsmError, parseCidrGroups, parsePrefix, parseServiceUrl } from "@nsm/sdk"
import { duration } from "@nsm/sdk/daemon"
import type { Problem } from "./problem.ts"
import type { Topology } from "./topology.ts"

/**
 * Texts that the daemons would not understand. They would say so themselves, but each in its log and
 * only once everything else stands.
 */
export function unreadableValues({ underlay, endpoints, clients }: Topology): readonly Problem[] {
  return [
    ...(["ipv4", "ipv6"] as const).flatMap((family) =>
      isPrefixOf(family, underlay[family])
        ? []
        : [{ path: ["underlay", family], what: `"${underlay[family]}" is no ${family} prefix` }],
    ),
    ...endpoints.flatMap(({ cidrs }, index) =>
      refusal(() => groupIpam({ groups: parseCidrGroups(cidrs.join(",")) })).map((what) => ({
        path: ["endpoints", `${index}`, "cidrs"],
        what,
      })),
    ),
    ...endpoints.flatMap(({ on_demand: idle }, index) =>
      idle === undefined || isDuration(idle)
        ? []
        : [
            {
              path: ["endpoints", `${index}`, "on_demand"],
              what: `"${idle}" is no time above 0; write 30s or 5m`,
            },
          ],
    ),
    ...clients.flatMap(({ services }, client) =>
      services.flatMap((url, index) =>
        urlProblems(url, services.slice(0, index)).map((what) => ({
          path: ["clients", `${client}`, "services", `${index}`],
          what,
        })),
      ),
    ),
  ]
}

/** What is wrong with a service URL beside those before it. */
function urlProblems(url: string, others: readonly string[]): readonly string[] {
  const refused = refusal(() => parseServiceUrl(url))
  const name = refused.length === 0 ? interfaceOf(url) : undefined
  const isTaken = name !== undefined && others.some((other) => interfaceOf(other) === name)
  return isTaken ? [`another wire of this client has the interface ${name} already`] : refused
}

function interfaceOf(url: string): string | undefined {
  try {
    return parseServiceUrl(url).mechanism.parameters[MechanismParameter.name]
  } catch {
    return undefined
  }
}

function isDuration(text: string): boolean {
  try {
    return duration.parse(text) > 0
  } catch {
    return false
  }
}

function isPrefixOf(family: "ipv4" | "ipv6", text: string): boolean {
  return text.includes("/") && parsePrefix(text)?.family === (family === "ipv4" ? 4 : 6)
}

function refusal(read: () => unknown): readonly string[] {
  try {
    read()
    return []
  } catch (thrown) {
    return [NsmError.from(thrown).text]
  }
}
