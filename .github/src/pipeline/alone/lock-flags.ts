import type { LockEntry } from "../lock-file.ts"
import type { Edge, Placed } from "./alone-lock.ts"

/**
 * The entries by place, in npm's order, saying which are only for development or may fail. What may
 * be missing and is, as on a system that it is not for, is not named: npm would ask for it.
 */
export function withFlags(
  placed: readonly Placed[],
  edges: readonly Edge[],
): Readonly<Record<string, LockEntry>> {
  const always = reached(edges, ({ need }) => !need.isDevelopment && !need.isOptional)
  const shipped = reached(edges, ({ need }) => !need.isDevelopment)
  const required = reached(edges, ({ need }) => !need.isOptional)
  const flags = (path: string): LockEntry => {
    if (path === "" || always.has(path)) return {}
    if (shipped.has(path) && required.has(path)) return { devOptional: true }
    return {
      ...(!shipped.has(path) && { dev: true }),
      ...(!required.has(path) && { optional: true }),
    }
  }
  const optionals = (path: string, { optionalDependencies }: LockEntry): LockEntry => {
    if (!optionalDependencies) return {}
    const found = new Set(edges.flatMap(({ from, need }) => (from === path ? [need.name] : [])))
    const there = Object.entries(optionalDependencies).filter(([name]) => found.has(name))
    return { optionalDependencies: Object.fromEntries(there) }
  }
  const entries = placed
    .toSorted((a, b) => a.path.localeCompare(b.path, "en"))
    .map(({ path, entry }) => {
      const { dev: _dev, optional: _optional, devOptional: _both, ...rest } = entry
      return [path, { ...rest, ...optionals(path, entry), ...flags(path) }] as const
    })
  return Object.fromEntries(entries)
}

/** The places to which some of the edges lead from the root. */
function reached(edges: readonly Edge[], isTaken: (edge: Edge) => boolean): ReadonlySet<string> {
  const found = new Set([""])
  for (const path of found) {
    for (const edge of edges) if (edge.from === path && isTaken(edge)) found.add(edge.to)
  }
  return found
}
