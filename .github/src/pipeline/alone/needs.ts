import type { LockEntry } from "../lock-file.ts"

/** What a package needs of another one. */
export interface Need {
  readonly name: string
  readonly range: string
  /** Only for building and testing. */
  readonly isDevelopment: boolean
  /** It may be missing, as where it is for other systems. */
  readonly isOptional: boolean
  /** Its users have to have the same one. */
  readonly isPeer: boolean
}

/** What an entry of a lock file names. */
export function needsOf(entry: LockEntry): readonly Need[] {
  const { dependencies, devDependencies, optionalDependencies, peerDependencies = {} } = entry
  const peers = Object.entries(peerDependencies).filter(
    ([name]) => entry.peerDependenciesMeta?.[name]?.optional !== true,
  )
  const kind = { isDevelopment: false, isOptional: false, isPeer: false }
  return [
    ...named(dependencies, kind),
    ...named(devDependencies, { ...kind, isDevelopment: true }),
    ...named(optionalDependencies, { ...kind, isOptional: true }),
    ...named(Object.fromEntries(peers), { ...kind, isPeer: true }),
  ]
}

function named(
  ranges: Readonly<Record<string, string>> = {},
  kind: Omit<Need, "name" | "range">,
): readonly Need[] {
  return Object.entries(ranges).map(([name, range]) => ({ name, range, ...kind }))
}
