import { existsSync } from "node:fs"
import { realpath } from "node:fs/promises"
import { join } from "node:path"
import type { Component } from "./component.ts"
import { Layout } from "./layout.ts"
import { layOutNode } from "./node-files.ts"
import { librariesOf, systemFile } from "./system-files.ts"

/** What images have beside their programs. */
export interface Runtime {
  /** What all of them stand on. */
  readonly node: LaidOut
  /** What there is more where there is a shell. */
  readonly shell: LaidOut
}

/** A folder that becomes a part of images, and what is in it. */
export interface LaidOut {
  readonly folder: string
  readonly components: readonly Component[]
}

/** Who runs what needs no privilege. It is the number that others take for this, too. */
const nonroot = 65532

/** Lays out the Node that this process runs on, with all that it needs of the machine. */
export async function layOutRuntime(folder: string): Promise<Runtime> {
  const node = new Layout(join(folder, "node"))
  await node.write("etc/passwd", `root:x:0:0::/:\nnonroot:x:${nonroot}:${nonroot}::/:\n`)
  await node.write("etc/group", `root:x:0:\nnonroot:x:${nonroot}:\n`)
  await node.write("etc/nsswitch.conf", "hosts: files dns\n")
  for (const path of ["tmp", "var/lib/networkservicemesh"]) await node.makeFolder(path, 0o1777)
  const binary = await realpath(process.execPath)
  const libraries = await librariesOf(binary)
  const shell = new Layout(join(folder, "shell"))
  const more = (await librariesOf("/bin/sh")).filter((path) => !libraries.includes(path))
  const components = [await layOutNode(node, binary), ...(await layOut(node, libraries))]
  return {
    node: { folder: node.folder, components },
    shell: { folder: shell.folder, components: await layOut(shell, ["/bin/sh", ...more]) },
  }
}

async function layOut(layout: Layout, paths: readonly string[]): Promise<readonly Component[]> {
  const files = await Promise.all(paths.map(systemFile))
  for (const { path, copyright } of files) {
    await layout.copy(path, path, 0o755)
    if (copyright !== undefined && existsSync(copyright)) await layout.copy(copyright, copyright)
  }
  return files.map(({ component }) => component)
}
