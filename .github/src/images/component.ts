import { createHash } from "node:crypto"
import { createReadStream } from "node:fs"

/** Something that is in an image, and where it is from. */
export interface Component {
  readonly type: "application" | "library" | "file"
  readonly name: string
  readonly version?: string
  readonly description?: string
  /** As SPDX names it. */
  readonly license?: string
  /** Who it is to package managers: https://github.com/package-url/purl-spec */
  readonly purl?: string
  /** In hexadecimal: of its file where it is one, of what a registry gives where it is a package. */
  readonly digest?: Digest
  /** That of what it was made from, where it has been changed. */
  readonly originalDigest?: Digest
  /** What it brings along inside. */
  readonly components?: readonly Component[]
}

/** A digest, by the name of what made it. */
export type Digest = Readonly<Partial<Record<"sha256" | "sha512", string>>>

/** The digest of a file. */
export async function digestOf(file: string): Promise<Digest> {
  const hash = createHash("sha256")
  for await (const chunk of createReadStream(file)) hash.update(chunk as Buffer)
  return { sha256: hash.digest("hex") }
}

/** The purl of an npm package. */
export function npmPurl(name: string, version: string): string {
  return `pkg:npm/${name.replace("@", "%40")}@${version}`
}
