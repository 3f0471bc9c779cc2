import { readFile, rm, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { changelogOf } from "./changelog.ts"
import type { Clone } from "./clone.ts"
import { lockManifest } from "./lock-file.ts"
import { tagOf } from "./releases.ts"
import { branchOf, changesetFile, changesetOf, movedManifest, type Update } from "./update.ts"

/** Builds an update anew on what main is now, and pushes it. */
export async function pushUpdate({
  copy,
  update,
  rebuilt = 0,
}: {
  copy: Clone
  update: Update
  rebuilt?: number
}): Promise<void> {
  const { folder } = copy
  const { dependent } = update
  const manifest = join(folder, dependent.folder, "package.json")
  await copy.git("checkout", "--quiet", "--force", "--detach", "origin/main")
  await writeFile(manifest, movedManifest(await readFile(manifest, "utf8"), update))
  lockManifest(folder, dependent.folder)
  const note = changesetOf(update)
  if (note === undefined) await rm(join(folder, changesetFile(update)), { force: true })
  else await writeFile(join(folder, changesetFile(update)), note)
  await copy.git("add", "--all")
  const trailers = [
    `Update: ${markOf(update)}`,
    `Branch: ${branchOf(update)}`,
    `Rebuilt: ${rebuilt}`,
    ...(await replacedBy(copy, update)).map((commit) => `Replaces: ${commit}`),
  ].join("\n")
  const text = await textOf(copy, update)
  const message = [titleOf(update), text, trailers].filter(Boolean).join("\n\n")
  await copy.git("commit", "--quiet", "--cleanup=verbatim", "-m", message)
  await copy.push(branchOf(update))
}

/** Whether the branch of an update is there, with the versions that are wanted now. */
export async function isBuilt(copy: Clone, update: Update): Promise<boolean> {
  return (await trailerOf(copy, branchOf(update), "Update")) === markOf(update)
}

/** What the newest of the pipeline's own commits on a branch says about itself. */
export async function trailerOf(copy: Clone, branch: string, key: string): Promise<string> {
  if ((await copy.commitOf(branch)) === "") return ""
  const format = `--format=%(trailers:key=${key},valueonly)`
  const range = `origin/main..origin/${branch}`
  const all = await copy.git("log", "--no-merges", format, range)
  return (
    all
      .split("\n")
      .find((line) => line.trim() !== "")
      ?.trim() ?? ""
  )
}

/**
 * Whether the dependent is another one on main now than the one that an update was built on; a
 * release of it changes nothing that is checked.
 */
export async function isStale(copy: Clone, update: Update, commit: string): Promise<boolean> {
  const { folder } = update.dependent
  const base = await copy.git("merge-base", "origin/main", commit)
  const range = ["diff", "--name-only", base, "origin/main"]
  const files = (await copy.git(...range, "--", folder, `:!${folder}/CHANGELOG.md`)).split("\n")
  const manifest = `${folder}/package.json`
  if (files.some((file) => file !== "" && file !== manifest)) return true
  const [before, now] = await Promise.all(
    [base, "origin/main"].map(async (at) => {
      const { version: _, ...rest } = JSON.parse(await copy.git("show", `${at}:${manifest}`)) as {
        readonly version?: string
      }
      return JSON.stringify(rest)
    }),
  )
  return before !== now
}

/** Whether somebody else has committed to a branch since the pipeline built it. */
export async function hasForeignHead(copy: Clone, branch: string): Promise<boolean> {
  if ((await copy.commitOf(branch)) === "") return false
  const format = "--format=%(trailers:key=Update,valueonly)"
  return (await copy.git("log", "-1", format, `origin/${branch}`)).trim() === ""
}

/** Why a branch with such commits is left as it is. */
export const foreignHead = "somebody else has committed to the branch; merge or remove it"

/**
 * The commits that a new build takes the place of, oldest first, each with what it brought: so what
 * was found of them stays known.
 */
async function replacedBy(copy: Clone, update: Update): Promise<readonly string[]> {
  const branch = branchOf(update)
  const commit = await copy.commitOf(branch)
  if (commit === "") return []
  const format = "--format=%(trailers:key=Replaces,valueonly)"
  const earlier = await copy.git("log", "-1", format, commit)
  const last = `${commit} ${await trailerOf(copy, branch, "Update")}`
  return [...earlier.split("\n").filter(Boolean), last]
}

function markOf({ moves }: Update): string {
  return moves.map(({ link, to }) => tagOf(link.name, to)).join(" ")
}

/** The title of an update. */
export function titleOf({ dependent, upstream, version, moves }: Update): string {
  const others = moves.filter(({ isBrought = false }) => !isBrought).length - 1
  const more = others > 0 ? ` and ${others} more` : ""
  return `Update ${upstream.name} to ${version}${more} in ${dependent.folder}`
}

/** What the upstreams say about their releases. */
export async function textOf(copy: Clone, { moves }: Update): Promise<string> {
  const upstreams = moves.filter(({ isBrought = false }) => !isBrought)
  const texts = await Promise.all(
    upstreams.map(async ({ link, folder, to }) => {
      const file = `${tagOf(link.name, to)}:${folder}/CHANGELOG.md`
      const text = changelogOf(await copy.git("show", file).catch(() => ""), to)
      return upstreams.length > 1 ? `### ${tagOf(link.name, to)}\n\n${text}` : text
    }),
  )
  return texts.join("\n\n").trim()
}
