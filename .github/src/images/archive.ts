import { run } from "../pipeline/command.ts"

/** What an OCI archive holds, as its index and manifest say. */
export interface Archive {
  /** The digest of the image's manifest, by which registries know it. */
  readonly digest: string
  /** All layers, compressed. */
  readonly compressedBytes: number
}

/** Looks into an archive of one image. */
export async function readArchive(file: string): Promise<Archive> {
  const index = (await blob(file, "index.json")) as { manifests: readonly [Descriptor] }
  const [{ digest }] = index.manifests
  const path = `blobs/${digest.replace(":", "/")}`
  const { layers } = (await blob(file, path)) as { layers: readonly Descriptor[] }
  return { digest, compressedBytes: layers.reduce((sum, { size }) => sum + size, 0) }
}

interface Descriptor {
  readonly digest: string
  readonly size: number
}

async function blob(file: string, path: string): Promise<unknown> {
  const { text } = await run("tar", ["-xOf", file, path], { reasonOf: () => "IMAGE_FAILED" })
  return JSON.parse(text)
}
