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
 * Tags every version on main that has no tag yet, so that whoever names it can have it; then turns
 * the release notes there into further versions and changelogs, with tags of theirs. Main and the
 * tags are pushed together, so that a release is there whole or not at all.
 */
export async function release(options: StepOptions): Promise<readonly Released[]> {
  await using copy = await clone(options)
  const earlier = graphOf(readWorkspaces(copy.folder))
  const taken = new Set((await copy.git("tag", "--list")).split("\n"))
  const owed = earlier.filter(({ name, version }) => !taken.has(tagOf(name, version)))
  const owedTags = await tagged(copy, owed)
  await makeVersions(copy)
  const isNew = ({ name, version }: Released): boolean => nodeOf(earlier, name).version !== version
  const made = graphOf(readWorkspaces(copy.folder)).filter(isNew)
  for (const { folder } of made) lockManifest(copy.folder, folder)
  const used = made.map(tag).filter((one) => taken.has(one))
  if (used.length > 0) {
    throw new PipelineError("TAG_TAKEN", `${used.join(", ")}: there already, at another commit`)
  }
  await copy.git("add", "--all")
  const isChanged = (await copy.git("status", "--porcelain")) !== ""
  if (isChanged) await copy.git("commit", "--quiet", "-m", titleOf(made.map(tag)))
  const tags = [...owedTags, ...(await tagged(copy, made))]
  if (isChanged || tags.length > 0) await copy.push("main", ...tags)
  return [...owed, ...made].map(({ name, version }) => ({ name, version }))
}

/** Tags releases at the commit that is checked out. */
async function tagged({ git }: Clone, all: readonly Released[]): Promise<readonly string[]> {
  const tags = all.map(tag)
  for (const one of tags) await git("tag", "--annotate", "-m", one, one)
  return tags
}

function tag({ name, version }: Released): string {
  return tagOf(name, version)
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
