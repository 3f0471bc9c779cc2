import { rm, writeFile } from "node:fs/promises"
import { join } from "node:path"
import type { Workspace } from "../workspaces.ts"
import { readArchive } from "./archive.ts"
import { readRecipe, shellCopy } from "./containerfile.ts"
import type { Image } from "./image.ts"
import { labelsOf } from "./labels.ts"
import type { PodmanStorage } from "./podman-storage.ts"
import { layOutProgram } from "./program-files.ts"
import { provenance } from "./provenance.ts"
import type { Runtime } from "./runtime.ts"
import { sbom } from "./sbom.ts"
import type { Source } from "./source.ts"

/** With what, from what and whereto images are built. */
export interface Workshop {
  /** Has the stages that images stand on. */
  readonly storage: PodmanStorage
  readonly runtime: Runtime
  readonly source: Source
  readonly builders: Readonly<Record<string, string>>
  readonly into: string
  readonly signal?: AbortSignal | undefined
}

/** Builds the image of a command, and writes what is in it and how it was made beside it. */
export async function buildImage(command: Workspace, workshop: Workshop): Promise<Image> {
  const { storage, runtime, source, builders, into, signal } = workshop
  const { folder, path, manifest } = command
  const { version = "" } = manifest
  const context = join(storage.folder, folder)
  const program = await layOutProgram(command, context)
  const tag = `localhost/${folder}:${version}`
  const labels = labelsOf(command, source).flatMap((label) => ["--label", label])
  const recipe = ["--file", join(path, "Containerfile"), "--tag", tag]
  const further = ["--build-context", `shell=${runtime.shell.folder}`]
  const build = ["build", ...sameEachTime(source), ...labels, ...recipe, ...further, context]
  await storage.podman(build, { signal })

  const beside = (ending: string): string => join(into, `${folder}-${version}.${ending}`)
  const files = {
    archive: beside("oci.tar"),
    sbom: beside("cdx.json"),
    provenance: beside("provenance.json"),
  }
  const save = ["save", "--quiet", "--format", "oci-archive", "--output", files.archive, tag]
  await rm(files.archive, { force: true })
  await storage.podman(save, { signal })
  const { digest, compressedBytes } = await readArchive(files.archive)
  const size = await storage.podman(["image", "inspect", "--format", "{{.Size}}", tag])

  const { copies, user, capabilities } = readRecipe(path)
  const shell = copies.includes(shellCopy) ? runtime.shell.components : []
  const about = {
    name: folder,
    digest,
    components: [...program, ...runtime.node.components, ...shell],
  }
  await writeJson(files.sbom, sbom({ ...about, version, seconds: source.seconds }))
  await writeJson(files.provenance, provenance({ ...about, source, builders }))
  const bytes = Number(size.text)
  return { name: folder, version, digest, bytes, compressedBytes, user, capabilities, ...files }
}

/** What makes the same image of the same files: one layer, and no time but that of the commit. */
export function sameEachTime({ seconds }: Source): readonly string[] {
  const plain = ["--quiet", "--pull=never", "--layers=false", "--identity-label=false"]
  return [...plain, "--timestamp", `${seconds}`]
}

async function writeJson(file: string, content: object): Promise<void> {
  await writeFile(file, `${JSON.stringify(content, null, 2)}\n`)
}
