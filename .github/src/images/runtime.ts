import { existsSync } from "node:fs"
import { realpath } from "node:fs/promises"
import { dirname, join } from "node:path"
import { run } from "../pipeline/command.ts"
import { PipelineError } from "../pipeline/pipeline-error.ts"
import { type Component, digestOf, npmPurl } from "./component.ts"
import { Layout } from "./layout.ts"
import { librariesOf, systemFile } from "./system-files.ts"

/** What all images stand on, laid out in the folders `node` and `sh` for the shared Containerfile. */
export interface Runtime {
  readonly node: readonly Component[]
  /** What there is more where there is a shell. */
  readonly shell: readonly Component[]
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
  const shell = new Layout(join(folder, "sh"))
  const more = (await librariesOf("/bin/sh")).filter((path) => !libraries.includes(path))
  return {
    node: [await layOutNode(node, binary), ...(await layOut(node, libraries))],
    shell: await layOut(shell, ["/bin/sh", ...more]),
  }
}

async function layOutNode(layout: Layout, binary: string): Promise<Component> {
  await layout.copy(licenceOf(binary), "usr/share/doc/node/LICENSE")
  await layout.copy(binary, "usr/bin/node", 0o755)
  // Symbols for debuggers are a quarter of it.
  const stripped = await run("strip", [join(layout.folder, "usr/bin/node")], {
    reasonOf: () => "IMAGE_FAILED",
  }).catch(() => undefined)
  const { node: version, ...inside } = process.versions
  return {
    type: "application",
    name: "node",
    version,
    description: `/usr/bin/node, ${stripped ? "stripped" : "as it is"}`,
    license: "MIT",
    purl: npmPurl("node", version),
    digest: await digestOf(join(layout.folder, "usr/bin/node")),
    originalDigest: await digestOf(binary),
    components: Object.entries(inside)
      .filter(([name, its]) => its && name !== "modules" && name !== "napi")
      .map(([name, its = ""]) => ({ type: "library", name, version: its })),
  }
}

/** Beside the program, or where npm's package `node` has it. */
function licenceOf(binary: string): string {
  const prefix = dirname(dirname(binary))
  const inside = `node_modules/node-${process.platform}-${process.arch}/LICENSE`
  const found = ["LICENSE", inside].map((file) => join(prefix, file)).find(existsSync)
  if (found !== undefined) return found
  throw new PipelineError(
    "IMAGE_FAILED",
    `${binary} has no LICENSE: run it with npm's package node`,
  )
}

async function layOut(layout: Layout, paths: readonly string[]): Promise<readonly Component[]> {
  const files = await Promise.all(paths.map(systemFile))
  for (const { path, copyright } of files) {
    await layout.copy(path, path, 0o755)
    if (copyright !== undefined && existsSync(copyright)) await layout.copy(copyright, copyright)
  }
  return files.map(({ component }) => component)
}
