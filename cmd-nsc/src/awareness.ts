import type { Connection } from "@nsm/api"
import { interfaceName, type WantedWire } from "./service-urls.ts"

/** Whether two connections are of one group, and so may have overlapping addresses. */
export function awareness(
  groups: readonly (readonly WantedWire[])[],
): (a: Connection, b: Connection) => boolean {
  return (a, b) => groups.some((group) => has(group, a) && has(group, b))
}

function has(group: readonly WantedWire[], connection: Connection): boolean {
  return group.some(({ networkService, mechanism, labels }) => {
    const name = interfaceName(mechanism)
    return (
      networkService === connection.networkService &&
      (name === undefined || name === connection.mechanism?.parameters["name"]) &&
      Object.entries(labels).every(([key, value]) => connection.labels[key] === value)
    )
  })
}
