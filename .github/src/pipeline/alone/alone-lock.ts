import semver from "semver"
import type { Manifest } from "../../workspaces.ts"
import { below, type LockEntry, type LockFile, nearest } from "../lock-file.ts"
import { PipelineError } from "../pipeline-error.ts"
import { withFlags } from "./lock-flags.ts"
import { type Need, needsOf } from "./needs.ts"

/** A package of the suite as a tarball. */
export interface Pack extends Origin {
  /** As its users get it. */
  readonly manifest: Manifest
  /** Where npm finds it, such as `file:../api.tgz`. */
  readonly resolved: string
  readonly integrity: string
}

/** Where it stands which third parties a package has. */
export interface Origin {
  /** The suite's lock file at a commit of the package. */
  readonly lock: LockFile
  /** The package's folder, or a place in the lock file. */
  readonly at: string
}

/** What npm puts at a place below `node_modules`. */
export interface Placed {
  readonly path: string
  readonly entry: LockEntry
  readonly origin: Origin
}

/** That something at one place uses what is at another. */
export interface Edge {
  readonly from: string
  readonly to: string
  readonly need: Need
}

/**
 * Cuts the lock file of a package alone from that of the suite: third parties are exactly those
 * there, packages of the suite are tarballs, and what nobody needs is left out.
 */
export function aloneLock({
  manifest,
  packs,
  ...origin
}: Origin & { readonly manifest: Manifest; readonly packs: readonly Pack[] }): LockFile {
  const tree = new Map([["", { path: "", entry: rootEntry(manifest), origin }]])
  const visible = (path: string, name: string) => nearest(path, name, (at) => tree.get(at))
  // What is placed while the loop runs gets its turn.
  for (const user of tree.values()) {
    for (const need of needsOf(user.entry)) {
      const wanted = find(user, need, packs)
      const seen = visible(user.path, need.name)
      if (!wanted || (seen && fits(seen, wanted, need, origin.lock))) continue
      if (seen && need.isPeer) throw unfit(user, need, `beside ${versionOf(seen)}`)
      const path = below(seen ? user.path : "", need.name)
      tree.set(path, { path, ...wanted })
    }
  }
  const edges = [...tree.values()].flatMap((user) =>
    needsOf(user.entry).flatMap((need): readonly Edge[] => {
      const wanted = find(user, need, packs)
      const to = visible(user.path, need.name)
      if (!wanted || !to) return []
      // What was put in between later hides what was there.
      if (!fits(to, wanted, need, origin.lock)) {
        throw unfit(user, need, `and would get ${versionOf(to)}`)
      }
      return [{ from: user.path, to: to.path, need }]
    }),
  )
  const { name, version } = manifest
  const packages = withFlags([...tree.values()], edges)
  return { name, version, lockfileVersion: 3, requires: true, packages }
}

/** What something needs: one of the packs, or a third party as its own lock file says. */
function find(user: Placed, need: Need, packs: readonly Pack[]): Omit<Placed, "path"> | undefined {
  const ours = packs.filter(({ manifest }) => manifest.name === need.name)
  if (ours.length > 0) {
    const best = semver.maxSatisfying(
      ours.map(({ manifest }) => manifest.version ?? ""),
      need.range,
    )
    const pack = ours.find(({ manifest }) => manifest.version === best)
    if (!pack) throw unfit(user, need, "which is not among the packs")
    return { entry: packEntry(pack), origin: pack }
  }
  const { lock, at } = user.origin
  const found = nearest(at, need.name, (place) => {
    const entry = lock.packages[place]
    return entry && { entry, origin: { lock, at: place } }
  })
  if (!found && need.isOptional) return undefined
  if (!found) throw unfit(user, need, "which the suite's lock file does not have")
  if (found.entry.integrity === undefined) {
    throw unfit(user, need, "which comes from no registry")
  }
  if (!semver.satisfies(found.entry.version ?? "", need.range)) {
    throw unfit(user, need, `where the suite's lock file has ${found.entry.version}`)
  }
  return found
}

/** The suite's own lock file is followed to the letter; what comes with packs may share. */
function fits(seen: Placed, wanted: Omit<Placed, "path">, need: Need, own: LockFile): boolean {
  if (seen.entry.version === wanted.entry.version) return true
  const isShared = wanted.origin.lock !== own && wanted.entry.resolved === undefined
  return isShared && semver.satisfies(seen.entry.version ?? "", need.range)
}

function unfit(user: Placed, { name, range }: Need, why: string): PipelineError {
  const who = user.path === "" ? user.origin.at : user.path.replace(/^.*node_modules\//, "")
  return new PipelineError("LOCK_UNFIT", `${who} needs ${name} ${range}, ${why}`)
}

function versionOf({ path, entry }: Placed): string {
  return `${path} ${entry.version}`
}

function rootEntry(manifest: Manifest): LockEntry {
  const { name, version, license, dependencies, devDependencies, bin, engines } = manifest
  return given({ name, version, license, dependencies, devDependencies, bin, engines })
}

function packEntry({ manifest, resolved, integrity }: Pack): LockEntry {
  const { version, license, dependencies, bin, engines } = manifest
  return given({ version, resolved, integrity, license, dependencies, bin, engines })
}

/** npm writes no empty fields. */
function given(entry: object): LockEntry {
  return Object.fromEntries(Object.entries(entry).filter(([, value]) => value !== undefined))
}
