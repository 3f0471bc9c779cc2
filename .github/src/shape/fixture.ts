import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { callerFile, callerWorkflow } from "../workflow-files.ts"
import { readWorkspaces, type Workspace } from "../workspaces.ts"

/** A small suite in a temporary folder, which goes with it. */
export interface Suite extends Disposable {
  readonly all: readonly Workspace[]
}

/** Files by path below the root; undefined leaves one out. */
export type Files = Readonly<Record<string, string | undefined>>

/** Writes a suite of three packages that are as they should be, but for the changes. */
export function suite(changes: Files = {}): Suite {
  const root = mkdtempSync(join(tmpdir(), "nsm-shape-"))
  write(root, { ...rightFiles, ...changes })
  const all = readWorkspaces(root)
  const callers = all.map((one) => [callerFile(one), callerWorkflow(one, all)] as const)
  write(root, { ...Object.fromEntries(callers), ...changes })
  return { all, [Symbol.dispose]: () => rmSync(root, { recursive: true }) }
}

/** A package.json as it should be, but for the changes. */
export function packageJson(folder: string, changes: object = {}): string {
  const entry = { source: "./src/index.ts", types: "./dist/index.d.ts", default: "./dist/index.js" }
  return JSON.stringify({
    name: `@nsm/${folder}`,
    version: "0.1.0",
    description: "An example",
    license: "Apache-2.0",
    type: "module",
    exports: { ".": entry },
    files: ["dist", "src", "!**/*.spec.*"],
    scripts: {
      build: folder.startsWith("cmd-") ? "tsc -b && nsm-package bundle" : "tsc -b",
      test: "mocha",
      lint: "nsm-package lint",
      format: "nsm-package format",
      check: "npm run build && npm run lint && npm run format && npm test",
    },
    devDependencies: { "@nsm/dot-github": ">=0.1.0 <1.0.0" },
    engines: { node: ">=24" },
    ...changes,
  })
}

function write(root: string, files: Files): void {
  for (const [file, text] of Object.entries(files)) {
    const path = join(root, file)
    mkdirSync(dirname(path), { recursive: true })
    if (text === undefined) rmSync(path, { force: true })
    else writeFileSync(path, text)
  }
}

function rightPackage(folder: string, dependencies: readonly string[], changes = {}): Files {
  const references = dependencies.map((name) => ({ path: `../${name}` }))
  const versions = Object.fromEntries(
    dependencies.map((name) => [`@nsm/${name}`, ">=0.1.0 <1.0.0"]),
  )
  const configuration = folder.startsWith("cmd-") ? ["Configuration"] : []
  const sections = ["Use", "Contents", ...configuration, "Test", "Release"]
  const files = {
    "README.md": `# @nsm/${folder}\n\nAn example.\n${sections.map((one) => `\n## ${one}\n`).join("")}`,
    "CHANGELOG.md": `# @nsm/${folder}\n`,
    LICENSE: "Apache License\n",
    ".mocharc.mjs": `export { default } from "@nsm/dot-github/config/mocharc.json" with { type: "json" }\n`,
    "package.json": packageJson(folder, { dependencies: versions, ...changes }),
    "tsconfig.json": JSON.stringify({
      extends: "@nsm/dot-github/config/tsconfig.json",
      references,
    }),
    "src/index.ts": `export { one } from "./one.ts"\n`,
    "src/one.ts": dependencies.map((name) => `import { one } from "@nsm/${name}"\n`).join(""),
    "src/one.spec.ts": `import assert from "node:assert/strict"\n`,
  }
  return Object.fromEntries(Object.entries(files).map(([file, text]) => [join(folder, file), text]))
}

const rightFiles: Files = {
  "package.json": JSON.stringify({ name: "all", workspaces: ["api", "sdk", "cmd-example"] }),
  ...rightPackage("api", []),
  ...rightPackage("sdk", ["api"]),
  ...rightPackage("cmd-example", ["api", "sdk"], {
    bin: { example: "./dist/example.js" },
    files: ["Containerfile", "dist", "src", "!**/*.spec.*"],
  }),
  "cmd-example/Containerfile": `FROM localhost/nsm/node
COPY . /opt/example/
USER 65532:65532
ENTRYPOINT ["node", "/opt/example/dist/example.js"]
`,
  "cmd-example/src/main.ts": "#!/usr/bin/env node\n",
  "cmd-example/src/config.ts": "",
  "cmd-example/docs/chain.md": "",
}
