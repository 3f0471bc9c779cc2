import { existsSync } from "node:fs"
import { isBuiltin } from "node:module"
import { join, resolve } from "node:path"
import { bundle } from "../../bin/bundle.js"
import { PipelineError } from "../pipeline/pipeline-error.ts"
import type { Workspace } from "../workspaces.ts"
import { type Component, digestOf } from "./component.ts"
import { Layout } from "./layout.ts"
import { layOutNative } from "./native-package.ts"
import { layOutLicence, npmComponent, packagesOf } from "./packages-inside.ts"

/** Lays out a program: one file, what cannot go into that, and the licences of all inside. */
export async function layOutProgram(
  { folder, path, manifest }: Workspace,
  into: string,
): Promise<readonly Component[]> {
  const entry = join(path, "dist/main.js")
  if (!existsSync(entry)) throw new PipelineError("NOT_BUILT", `${folder}/dist/main.js is missing`)
  const outfile = `${into}.js`
  const { inputs, outputs } = await bundle({ folder: path, entry, outfile })
  const used = Object.values(outputs).flatMap((output) =>
    Object.entries(output.inputs).flatMap(([input, { bytesInOutput }]) =>
      bytesInOutput === 0 ? [] : [input],
    ),
  )
  const layout = new Layout(into)
  const [bin = ""] = Object.values(manifest["bin"] as Readonly<Record<string, string>>)
  const file = bin.replace("./", "")
  await layout.copy(outfile, file)
  await layout.copy(join(path, "package.json"), "package.json")

  const packages = [...packagesOf(used.map((input) => resolve(path, input)))]
  const outside = new Map(
    used.flatMap((input) =>
      (inputs[input]?.imports ?? [])
        .filter((one) => one.external && isMissing(one.path))
        .map((one) => [one.path, resolve(path, input)]),
    ),
  )
  for (const [name, from] of outside) packages.push(...(await layOutNative(layout, name, from)))
  for (const one of packages) await layOutLicence(layout, one)
  const program = { type: "file", name: file, digest: await digestOf(outfile) } as const
  return [program, ...packages.map(npmComponent)]
}

/** What Node and esbuild bring is there; pino-pretty is for terminals only, where plain lines do as well. */
function isMissing(name: string): boolean {
  return !isBuiltin(name) && !["<runtime>", "pino-pretty"].includes(name)
}
