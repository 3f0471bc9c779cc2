import { table } from "../pipeline/command-line/table.ts"
import type { Image } from "./image.ts"

/** Images with their sizes, for a terminal. */
export function sizeTable(images: readonly Image[]): string {
  const rows = images.map((image) => [
    `${image.name}:${image.version}`,
    megabytes(image.bytes),
    megabytes(image.compressedBytes),
    image.digest,
    image.user,
    image.capabilities.join(" ") || "-",
  ])
  return table(["IMAGE", "SIZE", "COMPRESSED", "DIGEST", "USER", "CAPABILITIES"], rows)
}

/** Bytes as people read them. */
export function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(1)} MB`
}
