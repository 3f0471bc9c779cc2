import { join } from "node:path"
import { run } from "../pipeline/command.ts"
import { type Component, digestOf, npmPurl } from "./component.ts"
import type { Layout } from "./layout.ts"
import { nodeLicence } from "./node-licence.ts"

/** Lays out a Node, which is the one that this process runs on, with its licence. */
export async function layOutNode(layout: Layout, binary: string): Promise<Component> {
  const licence = await nodeLicence(binary, `${layout.folder}.licence`)
  await layout.copy(licence, "usr/share/doc/node/LICENSE")
  await layout.copy(binary, "usr/bin/node", 0o755)
  const copy = join(layout.folder, "usr/bin/node")
  // Its symbols are for debuggers.
  const stripped = run("strip", [copy], { reasonOf: () => "IMAGE_FAILED" })
  const how = await stripped.then(
    () => "stripped",
    () => "as it is",
  )
  const { node: version, ...inside } = process.versions
  return {
    type: "application",
    name: "node",
    version,
    description: `/usr/bin/node, ${how}`,
    license: "MIT",
    purl: npmPurl("node", version),
    digest: await digestOf(copy),
    originalDigest: await digestOf(binary),
    components: Object.entries(inside)
      .filter(([name, its]) => its && name !== "modules" && name !== "napi")
      .map(([name, its = ""]) => ({ type: "library", name, version: its })),
  }
}
