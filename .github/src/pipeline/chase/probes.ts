import { createHash } from "node:crypto"
import type { Clone } from "../clone.ts"
import type { Findings } from "../forge/findings.ts"
import { git } from "../git.ts"

/** What is checked: a package at a commit, with some of what it is built on from other commits. */
export interface Probe {
  readonly folder: string
  readonly commit: string
  /** Commits by package name, instead of the releases. */
  readonly instead?: ReadonlyMap<string, string>
}

/** Checks packages alone. */
export interface Checks {
  check(
    folder: string,
    commit: string,
    options?: { readonly instead?: ReadonlyMap<string, string> },
  ): Promise<Findings>
}

/** Checks for finding out what broke an update; each is made once, whoever asks and however often. */
export interface Probes {
  find(probe: Probe): Promise<Findings>
}

/**
 * Checks that are remembered in the forge, under the commit of the update that they are about: a
 * chase that broke off goes on where it stopped.
 */
export function rememberedProbes(options: {
  readonly copy: Clone
  readonly checks: Checks
  /** The commit of the update. */
  readonly about: string
}): Probes {
  const { copy, checks, about } = options
  return {
    async find({ folder, commit, instead = new Map<string, string>() }) {
      const sorted = [...instead].toSorted(([a], [b]) => (a < b ? -1 : 1))
      const what = JSON.stringify([folder, commit, sorted])
      const ref = `${place}${about}/${createHash("sha256").update(what).digest("hex")}`
      if ((await copy.git("for-each-ref", ref)) !== "") {
        return JSON.parse(await copy.git("cat-file", "blob", ref)) as Findings
      }
      const findings = await checks.check(folder, commit, { instead })
      const text = JSON.stringify(findings)
      const blob = await git(copy.folder, ["hash-object", "-w", "--stdin"], { input: text })
      await copy.git("update-ref", ref, blob)
      await copy.git("push", "--quiet", "--force", "origin", `${ref}:${ref}`)
      return findings
    },
  }
}

/** Brings what is remembered into a clone, and forgets what is about updates that are not open now. */
export async function recallProbes(copy: Clone, open: readonly string[]): Promise<void> {
  await copy.git("fetch", "--quiet", "origin", `+${place}*:${place}*`)
  const refs = (await copy.git("for-each-ref", "--format=%(refname)", place)).split("\n")
  const about = (ref: string): string => ref.slice(place.length).split("/")[0] ?? ""
  const old = refs.filter((ref) => ref !== "" && !open.includes(about(ref)))
  if (old.length > 0) await copy.git("push", "--quiet", "origin", ...old.map((ref) => `:${ref}`))
}

const place = "refs/pipeline/probes/"
