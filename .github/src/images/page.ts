import { markdownTable } from "../markdown-table.ts"
import type { Image } from "./image.ts"
import { megabytes } from "./size-table.ts"

/** What the page says of an image; sizes change with each version, so nobody compares them. */
export type PageRow = Pick<Image, "name" | "user" | "capabilities" | "bytes" | "compressedBytes">

/** The page about images. */
export function imagesPage(images: readonly PageRow[]): string {
  const rows = images.map(({ name, user, capabilities, bytes, compressedBytes }) => [
    `[${name}](../../${name}/Containerfile)`,
    user,
    capabilities.map((one) => `CAP_${one}`).join(", ") || "none",
    megabytes(bytes),
    megabytes(compressedBytes),
  ])
  return `${introduction}${markdownTable(head, rows)}\n`
}

const introduction = `# Images

<!-- Written by npm run images -- --page -->

What \`npm run images\` builds, on Debian 12 for linux/x64. All stand on one layer with Node, which a machine keeps once for all of them. [How they are made](../src/images/README.md).

`

const head = ["Image", "User", "Needs of the kernel", "Size", "Compressed"]
