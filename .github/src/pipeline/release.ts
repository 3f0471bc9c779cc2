import { appendFile, symlink } from "node:fs/promises"
import { createRequire } from "node:module"
import { dirname, join } from "node:path"
import { readWorkspaces } from "../workspaces.ts"
import { clone, type Clone, type StepOptions } from "./clone.ts"
import { run } from "./command.ts"
import { graphOf, nodeOf } from "./graph.ts"
import { lockManifest } from "./lock-file.ts"
import { PipelineError } from "./pipeline-error.ts"
import { tagOf } from "./releases.ts"

/** A release that has been made. */
export interface Released {
  readonly name: string
  readonly version: string
}

/**
 * Turns the release notes on main into versions and changelogs, and tags every version that has no
 * tag yet. Main and the tags are pushed together, so that a release is there whole or not at all.
 */
export async function release(options: StepOptions): Promise<readonly Released[]> {
  await using copy = await clone(options)
  const earlier = graphOf(readWorkspaces(copy.folder))
  const taken = new Set((await copy.git("tag", "--list")).split("\n"))
  await makeVersions(copy)
  const isNew = ({ name, version }: Released): boolean =>
    nodeOf(earlier, name).version !== version || !taken.has(tagOf(name, version))
  const made = graphOf(readWorkspaces(copy.folder)).filter(isNew)
  for (const { folder } of made) lockManifest(copy.folder, folder)
  const tags = made.map(({ name, version }) => tagOf(name, version))
  const used = tags.filter((tag) => taken.has(tag))
  if (used.length > 0) {
    throw new PipelineError("TAG_TAKEN", `${used.join(", ")}: there already, at another commit`)
  }
  await copy.git("add", "--all")
  const isChanged = (await copy.git("status", "--porcelain")) !== ""
  if (isChanged) await copy.git("commit", "--quiet", "-m", titleOf(tags))
  for (const tag of tags) await copy.git("tag", "--annotate", "-m", tag, tag)
  if (isChanged || tags.length > 0) await copy.push("main", ...tags)
  return made.map(({ name, version }) => ({ name, version }))
}

/** Runs changesets, which finds what writes the changelogs where the suite's own is installed. */
async function makeVersions({ folder, git }: Clone): Promise<void> {
  const notes = (await git("ls-files", ".changeset/*.md")).split("\n")
  if (notes.every((file) => file === "" || file.endsWith("/README.md"))) return
  const require = createRequire(import.meta.url)
  const program = require.resolve("@changesets/cli/bin.js")
  const modules = join(dirname(require.resolve("@changesets/cli/package.json")), "../..")
  // A link is no folder, so the usual line with a slash does not keep it out.
  await appendFile(join(folder, ".git/info/exclude"), "/node_modules\n")
  await symlink(modules, join(folder, "node_modules"))
  const reasonOf = () => "VERSIONING_FAILED" as const
  await run(process.execPath, [program, "version"], { cwd: folder, reasonOf })
}

function titleOf(tags: readonly string[]): string {
  return tags.length > 0 ? `Release ${tags.join(", ")}` : "Take in release notes"
}
