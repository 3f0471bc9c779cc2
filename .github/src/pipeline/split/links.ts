import { posix } from "node:path"

/** Where a document lies, and where what it points to can be read. */
export interface LinkOptions {
  /** The package's folder in the suite. */
  readonly folder: string
  /** The document, below that folder. */
  readonly file: string
  /** The suite on the web; without it links become plain text. */
  readonly suite?: string | undefined
}

/** Points the links of a document that lead out of its folder to the suite. */
export function outwardLinks(text: string, { folder, file, suite }: LinkOptions): string {
  return text.replaceAll(link, (whole, label: string, target: string, rest = "") => {
    const path = posix.join(folder, posix.dirname(file), target)
    const isInside = posix.join(path, "/").startsWith(`${folder}/`)
    if (isInside || path.startsWith("..") || /^([a-z]+:|\/)/.test(target)) return whole
    if (suite === undefined) return `${label} (\`${path}\` of the suite)`
    return `[${label}](${suite}/${posix.join("blob/main", path)}${rest})`
  })
}

const link = /\[([^\]]*)\]\(([^)#\s]+)(#[^)\s]*)?\)/g
