import { existsSync } from "node:fs"
import { join } from "node:path"
import { isDeepStrictEqual } from "node:util"
import { slug, type Manifest, type Workspace } from "../workspaces.ts"
import { type Check, when } from "./check.ts"
import { isCommand, isTooling } from "./kinds.ts"

const fuzz = "src/fuzz.spec.main.ts"

/** The tooling calls its own program by its file: alone, nobody has installed it. */
const tool = (folder: string): string =>
  isTooling(folder) ? "node bin/nsm-package.js" : "nsm-package"

const scripts = ({ folder, path }: Workspace) => ({
  build: isCommand(folder) ? "tsc -b && nsm-package bundle" : "tsc -b",
  test: "mocha",
  lint: `${tool(folder)} lint`,
  format: `${tool(folder)} format`,
  check: "npm run build && npm run lint && npm run format && npm test",
  // Where there are properties that are worth a long run.
  ...(existsSync(join(path, fuzz)) && { fuzz: `node ${fuzz}` }),
})

/** With `mocha`, a package whose tests mostly wait for other programs runs its files in parallel. */
const fields = new Set(
  (
    "name version description license type sideEffects bin exports files scripts mocha " +
    "dependencies devDependencies engines"
  ).split(" "),
)

/** package.json has the same fields, saying the same, everywhere. */
export const manifest: Check = {
  title: "has a package.json of the one form",
  faults: (workspace) =>
    [
      ...fieldFaults(workspace),
      ...exportFaults(workspace),
      ...versionFaults(workspace.manifest),
    ].map((fault) => `package.json: ${fault}`),
}

function fieldFaults(workspace: Workspace): readonly string[] {
  const {
    folder,
    manifest: { name, ...rest },
  } = workspace
  const { version = "", description, license, type, files, engines } = rest
  const published = ["dist", "src", "!**/*.spec.*"]
  return [
    ...Object.keys(rest)
      .filter((field) => !fields.has(field))
      .map((field) => `"${field}" is not a field of ours`),
    ...when(name !== `@nsm/${slug(folder)}`, `"name" must be "@nsm/${slug(folder)}"`),
    ...when(!/^\d+\.\d+\.\d+$/.test(version), `"version" must be three numbers`),
    ...when(typeof description !== "string" || description === "", `"description" is missing`),
    ...when(license !== "Apache-2.0", `"license" must be "Apache-2.0"`),
    ...when(type !== "module", `"type" must be "module"`),
    ...when(!isDeepStrictEqual(engines, { node: ">=24" }), `"engines" must be { "node": ">=24" }`),
    ...when(
      !Array.isArray(files) || !published.every((pattern) => files.includes(pattern)),
      `"files" must hold ${published.join(", ")}`,
    ),
    ...when(
      !isDeepStrictEqual(rest["scripts"], scripts(workspace)),
      `"scripts" must be exactly ${JSON.stringify(scripts(workspace))}`,
    ),
  ]
}

/** With the condition `source` everyone reads sources, without it the build. */
function exportFaults({ path, manifest: { exports } }: Workspace): readonly string[] {
  const entries = Object.entries((exports ?? {}) as Record<string, unknown>)
  const modules = entries.filter(([key]) => key !== "./config/*")
  return [
    ...when(!modules.some(([key]) => key === "."), `"exports" must have "."`),
    ...modules.flatMap(([key, entry]) => {
      const { source = "" } = entry as { source?: string }
      const stem = source.replace("./src/", "").replace(/\.ts$/, "")
      const wanted = {
        source: `./src/${stem}.ts`,
        types: `./dist/${stem}.d.ts`,
        default: `./dist/${stem}.js`,
      }
      return [
        ...when(
          JSON.stringify(entry) !== JSON.stringify(wanted),
          `"exports" must give for "${key}": ${JSON.stringify(wanted)}`,
        ),
        ...when(!existsSync(join(path, source)), `"exports" names ${source}, which does not exist`),
      ]
    }),
  ]
}

/** Others' packages are pinned. Of our own npm links the heads, whatever version they have. */
function versionFaults({ dependencies = {}, devDependencies = {} }: Manifest): readonly string[] {
  return Object.entries({ ...dependencies, ...devDependencies }).flatMap(([name, version]) =>
    name.startsWith("@nsm/")
      ? when(
          !/^>=\d+\.\d+\.\d+ <\d+\.0\.0$/.test(version),
          `"${name}" is "${version}": write ">=0.1.0 <1.0.0", with the lowest version that is needed, which the package alone is tested with; npm links newer heads`,
        )
      : when(!/^\d+\.\d+\.\d+/.test(version), `pin "${name}" to one version, not "${version}"`),
  )
}
