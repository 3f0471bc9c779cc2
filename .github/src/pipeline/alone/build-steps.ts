import { writeFile } from "node:fs/promises"
import { join } from "node:path"
import type { Manifest } from "../../workspaces.ts"
import type { Clone } from "../clone.ts"
import { lockText } from "../lock-file.ts"
import { exportAlone } from "./export-alone.ts"
import { npm, type NpmOptions } from "./npm.ts"
import type { Plan } from "./plan-alone.ts"
import type { Steps } from "./steps.ts"

/** Exports a package alone, installs what it gets, and builds it. */
export async function* buildSteps({
  copy,
  made,
  cwd,
  limits,
}: {
  copy: Pick<Clone, "git">
  made: Plan
  cwd: string
  limits: Omit<NpmOptions, "cwd">
}): Steps {
  const inside = { cwd, ...limits }
  yield "export"
  await exportAlone({ copy, commit: made.commit, folder: made.folder, into: cwd })
  await writeFile(join(cwd, "package-lock.json"), lockText(made.lock))
  yield "install"
  // What is native comes prebuilt, so nobody's scripts have anything to do.
  await npm(["ci", "--prefer-offline", "--ignore-scripts", "--no-audit", "--no-fund"], inside)
  yield "npm ls"
  await npm(["ls", "--all"], inside)
  yield* scripts({ manifest: made.manifest, names: ["build"], ...inside })
}

/** Runs those of some scripts that a package has. */
export async function* scripts({
  manifest,
  names,
  ...inside
}: NpmOptions & { readonly manifest: Manifest; readonly names: readonly string[] }): Steps {
  const has = manifest["scripts"] ?? {}
  for (const name of names) {
    if (!Object.hasOwn(has, name)) continue
    yield name
    await npm(["run", name], inside)
  }
}
