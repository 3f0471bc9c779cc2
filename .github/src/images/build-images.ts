import { mkdir } from "node:fs/promises"
import { join } from "node:path"
import type { Workspace } from "../workspaces.ts"
import { buildImage, sameEachTime, type Workshop } from "./build-image.ts"
import { builders } from "./builders.ts"
import type { Image } from "./image.ts"
import { PodmanStorage } from "./podman-storage.ts"
import { layOutRuntime } from "./runtime.ts"
import { type Source, sourceOf } from "./source.ts"

/** What is built. */
export interface BuildImagesOptions {
  /** Commands that have been built. */
  readonly commands: readonly Workspace[]
  /** The folder for archives and what goes with them. */
  readonly into: string
  /** What the images say they are made of. @default what git says */
  readonly source?: Source
  readonly signal?: AbortSignal | undefined
  /** Hears of each image that is begun. */
  readonly onProgress?: (name: string) => void
}

/** Builds images of commands, one after the other, in a storage that goes with this call. */
export async function buildImages(options: BuildImagesOptions): Promise<readonly Image[]> {
  const { commands, into, signal, onProgress = () => {} } = options
  await using storage = await PodmanStorage.open()
  await mkdir(into, { recursive: true })
  const { source = await sourceOf(commands[0]?.path ?? ".") } = options
  onProgress("node")
  const runtime = await layOutRuntime(join(storage.folder, "runtime"))
  const recipe = ["--file", sharedRecipe, "--tag", "localhost/nsm/node", runtime.node.folder]
  await storage.podman(["build", ...sameEachTime(source), ...recipe], { signal })
  const workshop: Workshop = { storage, runtime, source, into, builders: await builders(), signal }
  const images: Image[] = []
  for (const command of commands) {
    onProgress(command.folder)
    images.push(await buildImage(command, workshop))
  }
  return images
}

const sharedRecipe = join(import.meta.dirname, "../../src/images/Containerfile")
