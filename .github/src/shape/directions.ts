import { join } from "node:path"
import type { Workspace } from "../workspaces.ts"
import { type Check, when } from "./check.ts"
import { read, sources } from "./files.ts"
import { importsOf, packageOf } from "./imports.ts"

/** Who may import whom. A star stands for any ending; tooling is for development only. */
const directions: readonly { readonly from: string; readonly to: readonly string[] }[] = [
  { from: ".github", to: [] },
  { from: "api", to: [] },
  { from: "sdk", to: ["api"] },
  { from: "sdk-*", to: ["api", "sdk"] },
  { from: "cmd-*", to: ["api", "sdk", "sdk-*"] },
  { from: "integration-netns", to: ["api", "sdk", "sdk-*", "cmd-*"] },
  // Take the suite's packages from git, not from what is installed.
  { from: "integration-pipeline", to: [".github"] },
  { from: "integration-wave", to: [".github"] },
  // Has the tooling build images, which it tries.
  { from: "integration-images", to: ["api", "sdk", "sdk-*", "cmd-*", ".github"] },
  // The others start and measure processes with what that one has.
  { from: "integration-*", to: ["api", "sdk", "sdk-*", "cmd-*", "integration-netns"] },
]

/** Whether a package may name another one of the suite in its manifest, by their folders. */
export function mayDepend({ from, to, isDevelopment }: Direction): boolean {
  const allowed = directions.find((one) => fits(from, one.from))?.to ?? []
  return allowed.some((pattern) => fits(to, pattern)) || (isDevelopment && to === ".github")
}

/** One dependency, by folders. */
export interface Direction {
  readonly from: string
  readonly to: string
  readonly isDevelopment: boolean
}

/** Packages depend on each other in the one direction, by manifest and by import. */
export const packageDirections: Check = {
  title: "depends only on packages of the stages before it",
  faults({ folder, path, manifest: { dependencies = {}, devDependencies = {} } }, all) {
    const allowed = directions.find(({ from }) => fits(folder, from))?.to
    if (!allowed) return [`${folder}: no stage has packages of this name; see shape/directions.ts`]
    const mayUse = (name: string): boolean => {
      const target = all.find(({ manifest }) => manifest.name === name)?.folder
      return target !== undefined && allowed.some((pattern) => fits(target, pattern))
    }
    const declared = Object.keys({ ...dependencies, ...devDependencies })
      .filter((name) => name.startsWith("@nsm/") && !mayUse(name))
      .filter((name) => name !== "@nsm/dot-github" || Object.hasOwn(dependencies, name))
    const imported = sources(path).flatMap((file) =>
      importsOf(read(path, file) ?? "")
        .map((specifier) => packageOf(specifier) ?? "")
        .filter((name) => name.startsWith("@nsm/") && !mayUse(name))
        .map((name) => `${file}: ${folder} may not import ${name}`),
    )
    return [
      ...declared.map((name) => `package.json: ${folder} may not depend on ${name}`),
      ...imported,
    ]
  },
}

/** Inside the sdk: core knows nobody, elements know no chain, and only chains know an order. */
export const layers: Check = {
  title: "keeps its layers: core, then elements, then chains",
  faults: ({ folder, path }) => (folder === "sdk" ? layerFaults({ path }) : []),
}

function layerFaults({ path }: Pick<Workspace, "path">): readonly string[] {
  return sources(path)
    .filter((file) => !file.endsWith(".spec.ts"))
    .flatMap((file) =>
      importsOf(read(path, file) ?? "")
        .filter((specifier) => specifier.startsWith("."))
        .map((specifier) => join(file, "..", specifier))
        .flatMap((target) => [
          ...when(
            file.startsWith("src/core/") && !target.startsWith("src/core/"),
            `${file}: core may not import ${target}`,
          ),
          ...when(
            /^src\/(networkservice|registry)\/(common|mechanisms|ipam)\//.test(file) &&
              target.includes("/chains/"),
            `${file}: an element may not import the chain ${target}`,
          ),
        ]),
    )
}

function fits(folder: string, pattern: string): boolean {
  return pattern.endsWith("*") ? folder.startsWith(pattern.slice(0, -1)) : folder === pattern
}
