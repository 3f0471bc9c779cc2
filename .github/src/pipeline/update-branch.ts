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
  const trailers = [`Update: ${markOf(update)}`, `Rebuilt: ${rebuilt}`].join("\n")
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

/** Whether somebody else has committed to a branch since the pipeline built it. */
export async function hasForeignHead(copy: Clone, branch: string): Promise<boolean> {
  if ((await copy.commitOf(branch)) === "") return false
  const format = "--format=%(trailers:key=Update,valueonly)"
  return (await copy.git("log", "-1", format, `origin/${branch}`)).trim() === ""
}

function markOf({ moves }: Update): string {
  return moves.map(({ link, to }) => tagOf(link.name, to)).join(" ")
}

/** The title of an update. */
export function titleOf({ dependent, upstream, version }: Update): string {
  return `Update ${upstream.name} to ${version} in ${dependent.folder}`
}

/** What the upstream says about its release. */
export async function textOf(copy: Clone, { upstream, version }: Update): Promise<string> {
  const file = `${tagOf(upstream.name, version)}:${upstream.folder}/CHANGELOG.md`
  const text = await copy.git("show", file).catch(() => "")
  return changelogOf(text, version)
}
