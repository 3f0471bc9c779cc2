import { createHash } from "node:crypto"
import { existsSync } from "node:fs"
import { cp, mkdir, mkdtemp, readFile, rename, rm, writeFile } from "node:fs/promises"
import { basename, dirname, join } from "node:path"
import type { Manifest } from "../../workspaces.ts"
import { PipelineError } from "../pipeline-error.ts"
import { tagOf } from "../releases.ts"
import type { Pack } from "./alone-lock.ts"
import type { Build } from "./builds.ts"
import { npm, type NpmOptions } from "./npm.ts"
import type { Plan } from "./plan-alone.ts"

/** Packs a package as its users get it, under a version; what has been packed is left as it is. */
export async function packOf({
  plan,
  version,
  work,
  build,
  ...limits
}: Omit<NpmOptions, "cwd"> & {
  readonly plan: Plan
  readonly version: string
  readonly work: string
  readonly build: () => Promise<Build>
}): Promise<Pack> {
  const manifest = {
    ...plan.manifest,
    version,
    exports: withoutSources(plan.manifest["exports"]),
  }
  const name = `${basename(manifest.name)}-${version}-${plan.key}.tgz`
  const file = join(work, "packs", name)
  if (!existsSync(file)) {
    const { cwd, failed } = await build()
    if (failed) {
      const what = `${tagOf(manifest.name, version)} cannot be packed`
      throw new PipelineError("CHECK_FAILED", `${what}, its ${failed.step} fails: ${failed.log}`)
    }
    await pack({ cwd, manifest, file, ...limits })
  }
  const integrity = `sha512-${createHash("sha512")
    .update(await readFile(file))
    .digest("base64")}`
  // As seen from where packages are built.
  const resolved = `file:../../packs/${name}`
  return { manifest, resolved, integrity, lock: plan.suiteLock, at: plan.folder }
}

/** Packs from a copy: whoever tests what was built needs the sources. */
async function pack({
  cwd,
  manifest,
  file,
  ...limits
}: NpmOptions & { readonly manifest: Manifest; readonly file: string }): Promise<void> {
  const place = dirname(file)
  await mkdir(place, { recursive: true })
  const aside = await mkdtemp(join(place, "aside-"))
  try {
    const copy = join(aside, "package")
    const filter = (path: string): boolean => basename(path) !== "node_modules"
    await cp(cwd, copy, { recursive: true, filter })
    await writeFile(join(copy, "package.json"), JSON.stringify(manifest))
    // npm keeps what it packs, and nobody would ask for it there again.
    const cache = `--cache=${join(aside, "cache")}`
    const args = ["pack", "--json", "--ignore-scripts", cache]
    const told = await npm(args, { cwd: copy, ...limits })
    const [{ filename } = { filename: "" }] = JSON.parse(told) as readonly { filename: string }[]
    // Only now it is there, and whole.
    await rename(join(copy, filename), file)
  } finally {
    await rm(aside, { recursive: true })
  }
}

/** Node strips no types of what is installed, so users of a packed package get what was built. */
function withoutSources(exports: unknown): unknown {
  if (typeof exports !== "object" || exports === null) return exports
  return Object.fromEntries(
    Object.entries(exports)
      .filter(([key]) => key !== "source")
      .map(([key, value]) => [key, withoutSources(value)]),
  )
}
