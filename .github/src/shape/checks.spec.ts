import assert from "node:assert/strict"
import { checks } from "./checks.ts"
import { suite, packageJson, type Files } from "./fixture.ts"

const index = (name: string): string => `export { one } from "./${name}"\n`
const sdk = (changes: object): string =>
  packageJson("sdk", { dependencies: { "@nsm/api": ">=0.1.0 <1.0.0" }, ...changes })

const wrong: readonly { readonly when: string; readonly files: Files; readonly fault: string }[] = [
  // the files around the sources
  {
    when: "there is no README",
    files: { "sdk/README.md": undefined },
    fault: "README.md: missing",
  },
  {
    when: "a README lacks a section",
    files: { "sdk/README.md": "# @nsm/sdk\n\nAn example.\n\n## Use\n\n## Test\n\n## Release\n" },
    fault: "wanted, in this order: Use, Contents, Test, Release",
  },
  {
    when: "a README has another title",
    files: { "sdk/README.md": "# SDK\n" },
    fault: `README.md: call it "# @nsm/sdk"`,
  },
  {
    when: "a command's README lacks its configuration",
    files: {
      "cmd-example/README.md":
        "# @nsm/cmd-example\n\nAn example.\n\n## Use\n\n## Contents\n\n## Test\n\n## Release\n",
    },
    fault: "Use, Contents, Configuration, Test, Release",
  },
  { when: "there is no licence", files: { "sdk/LICENSE": undefined }, fault: "LICENSE: copy" },
  {
    when: "there is no changelog",
    files: { "sdk/CHANGELOG.md": undefined },
    fault: "CHANGELOG.md",
  },
  {
    when: "mocha has settings of its own",
    files: { "sdk/.mocharc.mjs": "" },
    fault: ".mocharc.mjs",
  },

  // package.json
  ...[
    { change: { name: "@nsm/kit" }, fault: `"name" must be "@nsm/sdk"` },
    { change: { version: "1" }, fault: `"version" must be` },
    { change: { description: "" }, fault: `"description" is missing` },
    { change: { license: "MIT" }, fault: `"license" must be` },
    { change: { type: "commonjs" }, fault: `"type" must be` },
    { change: { engines: { node: ">=18" } }, fault: `"engines" must be` },
    { change: { files: ["dist"] }, fault: `"files" must hold` },
    { change: { scripts: { test: "mocha" } }, fault: `"scripts" must be exactly` },
    { change: { main: "dist/index.js" }, fault: `"main" is not a field of ours` },
    { change: { exports: { ".": "./dist/index.js" } }, fault: `"exports" must give for "."` },
    { change: { exports: {} }, fault: `"exports" must have "."` },
    { change: { devDependencies: { yaml: "^2.0.0" } }, fault: `pin "yaml" to one version` },
    ...["0.1.0", "^0.1.0", "*", ">=0.1.0"].map((range) => ({
      change: { dependencies: { "@nsm/api": range } },
      fault: `"@nsm/api" is "${range}": write ">=0.1.0 <1.0.0"`,
    })),
    {
      change: { dependencies: { "@nsm/api": ">=0.1.0 <1.0.0", yaml: "2.9.1" } },
      fault: "imports yaml",
    },
    { change: { dependencies: {} }, fault: "@nsm/api is not among the dependencies" },
    {
      change: { dependencies: { "@nsm/cmd-example": ">=0.1.0 <1.0.0" } },
      fault: "may not depend on",
    },
    {
      change: { dependencies: { "@nsm/dot-github": ">=0.1.0 <1.0.0" } },
      fault: "may not depend on",
    },
  ].map(({ change, fault }) => ({
    when: `package.json has ${JSON.stringify(change)}`,
    files: { "sdk/package.json": sdk(change) },
    fault,
  })),

  // tsconfig.json
  {
    when: "tsconfig.json lacks a reference",
    files: { "sdk/tsconfig.json": `{ "extends": "@nsm/dot-github/config/tsconfig.json" }` },
    fault: "tsconfig.json: must be",
  },
  {
    when: "tsconfig.json has options of its own",
    files: { "api/tsconfig.json": `{ "compilerOptions": { "strict": false } }` },
    fault: "tsconfig.json: must be",
  },

  // sources
  {
    when: "there is no entry",
    files: { "sdk/src/index.ts": undefined },
    fault: "src/index.ts: missing",
  },
  {
    when: "the entry names nothing",
    files: { "sdk/src/index.ts": "" },
    fault: "name what the package",
  },
  {
    when: "the entry exports a star",
    files: { "sdk/src/index.ts": `${index("one.ts")}export * from "./one.ts"\n` },
    fault: "export names instead of *",
  },
  ...[
    { file: "utils.ts", text: "", fault: "name it by the one thing it holds" },
    { file: "tools/helpers.ts", text: "", fault: "name it by the one thing it holds" },
    { file: "types.ts", text: "", fault: "name it by the one thing it holds" },
    { file: "common.ts", text: "", fault: "name it by the one thing it holds" },
    { file: "updatePath.ts", text: "", fault: "write its name-like-this" },
    { file: "two.ts", text: "export default 2\n", fault: "instead of a default" },
    { file: "two.ts", text: "const two = 2\nexport { two as default }\n", fault: "instead of a" },
    { file: "two.ts", text: "let two: any\n", fault: "instead of any" },
    { file: "two.ts", text: "const two = 2 as any\n", fault: "instead of any" },
    { file: "two.ts", text: "const two = new Map<string, any>()\n", fault: "instead of any" },
    { file: "two.ts", text: "// oxlint-disable-next-line eqeqeq\n", fault: "-- reason" },
    { file: "two.spec.ts", text: "  it.only('works', () => {})\n", fault: "run all tests" },
    { file: "test/two.spec.ts", text: "", fault: "put it beside what it tests" },
    { file: "two.ts", text: `import yaml from "yaml"\n`, fault: "yaml is not among" },
    {
      file: "two.spec.ts",
      text: `import { a } from "fast-check"\n`,
      fault: "fast-check is not in",
    },
    { file: "two.ts", text: `const two = await import("yaml")\n`, fault: "yaml is not among" },
    {
      file: "two.ts",
      text: `import {\n  a,\n} from "@nsm/cmd-example"\n`,
      fault: "may not import",
    },
    { file: "two.ts", text: `import type { a } from "@nsm/cmd-a/b"\n`, fault: "may not import" },
    {
      file: "core/a.ts",
      text: `import { b } from "../b.ts"\n`,
      fault: "core may not import src/b.ts",
    },
    {
      file: "registry/common/a.ts",
      text: `import { b } from "../chains/b.ts"\n`,
      fault: "an element may not import the chain",
    },
  ].map(({ file, text, fault }) => ({
    when: `src/${file} says ${JSON.stringify(text)}`,
    files: { [`sdk/src/${file}`]: text },
    fault,
  })),

  // programs
  {
    when: "a program lacks its main",
    files: { "cmd-example/src/main.ts": undefined },
    fault: "main.ts: missing",
  },
  {
    when: "a main grows",
    files: { "cmd-example/src/main.ts": "#!/usr/bin/env node\n" + "run()\n".repeat(60) },
    fault: "src/main.ts: has 61 lines, at most 60 wanted",
  },
  {
    when: "a main is no script",
    files: { "cmd-example/src/main.ts": "run()\n" },
    fault: "begin it with #!",
  },
  {
    when: "a daemon has no settings",
    files: { "cmd-example/src/config.ts": undefined },
    fault: "src/config.ts: missing",
  },
  {
    when: "a daemon does not show its chain",
    files: { "cmd-example/docs/chain.md": undefined },
    fault: "docs/chain.md: missing",
  },
  {
    when: "a program is called otherwise",
    files: {
      "cmd-example/package.json": packageJson("cmd-example", { bin: { ex: "./dist/main.js" } }),
    },
    fault: `"bin" must be {"example":"./dist/example.js"}`,
  },

  // images
  {
    when: "a program has no image",
    files: { "cmd-example/Containerfile": undefined },
    fault: "Containerfile: missing",
  },
  {
    when: "root runs an image for no reason",
    files: {
      "cmd-example/Containerfile": `FROM localhost/nsm/node
COPY . /opt/example/
USER 0:0
ENTRYPOINT ["node", "/opt/example/dist/example.js"]
`,
    },
    fault: "USER must be 65532:65532",
  },
  {
    when: "an image stands on another one",
    files: { "cmd-example/Containerfile": "FROM example.org/node\n" },
    fault: "Containerfile: stand on localhost/nsm/node",
  },

  // workflows
  {
    when: "a workflow is missing",
    files: { ".github/workflows/sdk.yaml": undefined },
    fault: ".github/workflows/sdk.yaml: is not up to date",
  },
  {
    when: "a workflow ignores a dependency",
    files: { ".github/workflows/sdk.yaml": "name: sdk\n" },
    fault: ".github/workflows/sdk.yaml: is not up to date",
  },
]

function faults(files: Files): readonly string[] {
  using written = suite(files)
  return written.all.flatMap((one) => checks.flatMap((check) => check.faults(one, written.all)))
}

describe("the checks of the shape", () => {
  it("find nothing in packages that are as they should be", () => {
    assert.deepEqual(faults({}), [])
  })

  it("take no word of a comment or a text for code", () => {
    const harmless = [
      "/** Like `export * from`: any of them.",
      ' * import { a } from "elsewhere" */',
      '// import { a } from "elsewhere"',
      'export const url = "unix:///x: any" // as any',
    ]
    assert.deepEqual(faults({ "sdk/src/two.ts": harmless.join("\n") }), [])
  })

  it("leave generated code alone", () => {
    assert.deepEqual(faults({ "api/src/gen/some_pb.ts": "export default 1 as any\n" }), [])
  })

  for (const { when, files, fault } of wrong) {
    it(`object when ${when}`, () => {
      const found = faults(files)
      assert.ok(
        found.some((text) => text.includes(fault)),
        `wanted "${fault}" among:\n${found.join("\n")}`,
      )
    })
  }

  it("object to a package that no stage knows", () => {
    const root = JSON.stringify({ workspaces: ["extra"] })
    const found = faults({ "package.json": root, "extra/package.json": packageJson("extra") })
    assert.ok(found.some((text) => text.includes("no stage has packages of this name")))
  })
})
