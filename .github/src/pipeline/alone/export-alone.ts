import { existsSync } from "node:fs"
import { mkdir, readFile, rm, writeFile } from "node:fs/promises"
import { join } from "node:path"
import type { Clone } from "../clone.ts"
import { run } from "../command.ts"

/** What is exported, and to where. */
export interface ExportOptions {
  readonly copy: Pick<Clone, "git">
  /** A commit, branch or tag. */
  readonly commit: string
  readonly folder: string
  readonly into: string
}

/** Writes a package as it is at a commit into a folder, with nothing of the suite around it. */
export async function exportAlone({ copy, commit, folder, into }: ExportOptions): Promise<void> {
  await mkdir(into, { recursive: true })
  const archive = `${into}.tar`
  await copy.git("archive", "--format=tar", `--output=${archive}`, `${commit}:${folder}`)
  await run("tar", ["-xf", archive, "-C", into], { reasonOf: () => "GIT_FAILED" })
  await rm(archive)
  await withoutNeighbours(into)
}

/** The compiler finds other packages among the installed ones, not in the folders beside it. */
export async function withoutNeighbours(into: string): Promise<void> {
  const file = join(into, "tsconfig.json")
  if (!existsSync(file)) return
  const settings = JSON.parse(await readFile(file, "utf8")) as { references?: unknown }
  await writeFile(file, `${JSON.stringify({ ...settings, references: [] }, null, 2)}\n`)
}
