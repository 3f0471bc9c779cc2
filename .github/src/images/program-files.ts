import { existsSync } from "node:fs"
import { isBuiltin } from "node:module"
import { join, resolve } from "node:path"
import type { Metafile } from "esbuild"
import { bundle, programs } from "../../bin/bundle.js"
import { PipelineError } from "../pipeline/pipeline-error.ts"
import type { Workspace } from "../workspaces.ts"
import { type Component, digestOf } from "./component.ts"
import { Layout } from "./layout.ts"
import { layOutNative } from "./native-package.ts"
import { layOutLicence, npmComponent, packagesOf } from "./packages-inside.ts"

/**
 * Lays out a command: one file of each of its programs, what cannot go into these, and the licences of
 * all inside.
 */
export async function layOutProgram(
  { folder, path }: Workspace,
  into: string,
): Promise<readonly Component[]> {
  if (!existsSync(join(path, "dist/main.js"))) {
    throw new PipelineError("NOT_BUILT", `${folder}/dist/main.js is missing`)
  }
  const layout = new Layout(into)
  await layout.copy(join(path, "package.json"), "package.json")
  const files: Component[] = []
  const inside = new Set<string>()
  const outside = new Map<string, string>()
  for (const { entry, file } of programs(path)) {
    const outfile = `${into}.js`
    const { inputs, outputs } = await bundle({ folder: path, entry, outfile })
    await layout.copy(outfile, file)
    files.push({ type: "file", name: file, digest: await digestOf(outfile) })
    for (const input of usedBy(outputs)) {
      inside.add(resolve(path, input))
      for (const one of inputs[input]?.imports ?? []) {
        if (one.external && isMissing(one.path)) outside.set(one.path, resolve(path, input))
      }
    }
  }
  const packages = [...packagesOf([...inside])]
  for (const [name, from] of outside) packages.push(...(await layOutNative(layout, name, from)))
  for (const one of packages) await layOutLicence(layout, one)
  return [...files, ...packages.map(npmComponent)]
}

/** The files of which something went into a bundle. */
function usedBy(outputs: Metafile["outputs"]): readonly string[] {
  return Object.values(outputs).flatMap((output) =>
    Object.entries(output.inputs).flatMap(([input, { bytesInOutput }]) =>
      bytesInOutput === 0 ? [] : [input],
    ),
  )
}

/** What Node and esbuild bring is there; pino-pretty is for terminals only, where plain lines do as well. */
function isMissing(name: string): boolean {
  return !isBuiltin(name) && !["<runtime>", "pino-pretty"].includes(name)
}
