import { readdirSync, readFileSync, existsSync } from "node:fs"
import { dirname, join } from "node:path"
import { type Component, type Digest, npmPurl } from "./component.ts"
import type { Layout } from "./layout.ts"

/** An npm package that is in an image. */
export interface PackageInside {
  readonly path: string
  readonly name: string
  readonly version: string
  readonly license?: string
  readonly optionalDependencies: Readonly<Record<string, string>>
}

/** The packages that files are from, each once. */
export function packagesOf(files: readonly string[]): readonly PackageInside[] {
  const found = new Map<string, PackageInside>()
  for (const file of files) {
    const one = packageAt(dirname(file))
    found.set(one.path, one)
  }
  return [...found.values()].toSorted((a, b) => (a.name < b.name ? -1 : 1))
}

/** Some packages have a package.json in each folder of theirs; the one with a version counts. */
export function packageAt(folder: string): PackageInside {
  const file = join(folder, "package.json")
  if (existsSync(file)) {
    const manifest = JSON.parse(readFileSync(file, "utf8")) as Partial<PackageInside>
    const { name, version, license, optionalDependencies = {} } = manifest
    if (name !== undefined && version !== undefined) {
      return { path: folder, name, version, ...(license && { license }), optionalDependencies }
    }
  }
  return packageAt(dirname(folder))
}

/** Lays out what its authors want to go along. */
export async function layOutLicence(layout: Layout, one: PackageInside): Promise<void> {
  const { path, name, version } = one

  for (const file of readdirSync(path).filter((one) => /^(licen[cs]e|copying|notice)/i.test(one))) {
    await layout.copy(join(path, file), `licenses/${name}@${version}/${file}`)
  }
}

/** The package as a component. */
export function npmComponent({ path, name, version, license }: PackageInside): Component {
  const digest = installedDigest(path)
  const purl = npmPurl(name, version)
  const known = { ...(license && { license }), ...(digest && { digest }) }
  return { type: "library", name, version, purl, ...known }
}

/** The digest by which npm knew what it installed; the suite's own packages have none. */
function installedDigest(path: string): Digest | undefined {
  const [root = "", ...rest] = path.split("/node_modules/")
  const file = join(root, "node_modules/.package-lock.json")
  if (rest.length === 0 || !existsSync(file)) return undefined
  const { packages } = JSON.parse(readFileSync(file, "utf8")) as InstalledPackages
  const key = ["", ...rest].join("/node_modules/").slice(1)
  const base64 = /^sha512-(\S+)/.exec(packages[key]?.integrity ?? "")?.[1]
  return base64 === undefined
    ? undefined
    : { sha512: Buffer.from(base64, "base64").toString("hex") }
}

interface InstalledPackages {
  readonly packages: Readonly<Record<string, { readonly integrity?: string }>>
}
