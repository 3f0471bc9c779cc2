import assert from "node:assert/strict"
import { spawnSync } from "node:child_process"
import { readFileSync } from "node:fs"
import { join } from "node:path"
import { inSuite } from "../in-suite.ts"
import { suite, type Suite } from "./fixture.ts"

const main = join(import.meta.dirname, "main.ts")

function run(...args: readonly string[]) {
  const who = ["AUTHOR", "COMMITTER"].flatMap((role) => [
    [`GIT_${role}_NAME`, "A"],
    [`GIT_${role}_EMAIL`, "a@example.org"],
  ])
  const { status, stdout, stderr } = spawnSync(process.execPath, [main, ...args], {
    encoding: "utf8",
    env: {
      ...process.env,
      ...(Object.fromEntries(who) as object),
      NO_COLOR: "1",
      FORCE_COLOR: undefined,
    },
  })
  return { status, stdout, stderr }
}

const on = ({ path }: Suite, name: string, ...args: readonly string[]): string => {
  const { status, stdout, stderr } = run(name, "--forge", path, ...args)
  assert.equal(status, 0, stderr)
  return stdout
}

describe("npm run pipeline", function () {
  this.timeout(300_000)

  it("carries a release through its commands", () => {
    using one = suite({ api: {}, sdk: { api: "0.1.0" } })
    one.change("api", "minor")
    assert.match(on(one, "release"), /^PACKAGE +VERSION\n@nsm\/api +0\.2\.0\n$/)
    assert.match(on(one, "propagate"), /^update\/sdk\/api +opened$/m)
    assert.match(
      on(one, "status"),
      /^sdk +0\.1\.0 +0\.1\.0 +0 +- +@nsm\/api to 0\.2\.0: open, checks: none$/m,
    )
    assert.match(on(one, "merge"), /^update\/sdk\/api +waits +no checks have run$/m)
    assert.match(on(one, "check"), /^update\/sdk\/api +green$/m)
    assert.equal(on(one, "check"), "No update is unchecked.\n")
    assert.match(on(one, "check", "--again", "update/sdk/api"), /^update\/sdk\/api +green$/m)
    assert.equal(on(one, "chase"), "No update is red.\n")
    assert.equal(on(one, "issues"), "No issue is open.\n")
    assert.deepEqual(JSON.parse(on(one, "chase", "-o", "json")), { schemaVersion: 1, updates: [] })
    assert.match(on(one, "merge"), /^update\/sdk\/api +merged$/m)
    assert.match(on(one, "release"), /^@nsm\/sdk +0\.2\.0$/m)
    assert.equal(on(one, "propagate"), "Every package names the newest releases.\n")
    assert.equal(on(one, "merge"), "No update is open.\n")
    assert.equal(on(one, "release"), "Nothing to release.\n")
    const { packages, schemaVersion } = JSON.parse(on(one, "status", "-o", "json")) as {
      schemaVersion: number
      packages: readonly { released: string; updates: readonly unknown[] }[]
    }
    assert.equal(schemaVersion, 1)
    assert.deepEqual(
      packages.map(({ released, updates }) => [released, updates.length]),
      [
        ["0.2.0", 0],
        ["0.2.0", 0],
      ],
    )
  })

  it("runs a wave in one go, and tells of it afterwards, as a picture too", () => {
    using one = suite({ api: {}, sdk: { api: "0.1.0" } })
    one.change("api", "minor")
    const { status, stdout, stderr } = run("wave", "--forge", one.path)
    assert.equal(status, 0, stderr)
    assert.match(stderr, /released +@nsm\/api 0\.2\.0\n[^]* merged +update\/sdk\/api\n/)
    assert.match(stdout, /^@nsm\/api@0\.2\.0: through 1 packages? in [^]*\n {2}sdk .* 0\.2\.0: /)
    const svg = join(one.path, "wave.svg")
    const told = on(one, "status", "--svg", svg, "--wave", "api@0.2.0")
    assert.match(told, /^sdk +0\.2\.0 +0\.2\.0 +0 +green, [\d.]+ m?s +-$/m)
    assert.match(told, /stage 1: /)
    assert.match(readFileSync(svg, "utf8"), /^<svg [^]*The wave of @nsm\/api@0\.2\.0: through/)
    const { waves } = JSON.parse(on(one, "status", "-o", "json")) as { waves: { root: string }[] }
    assert.deepEqual(
      waves.map(({ root }) => root),
      ["@nsm/api@0.2.0"],
    )
    const unknown = run("status", "--forge", one.path, "--wave", "sdk@0.1.0")
    assert.equal(unknown.status, 2)
    assert.match(unknown.stderr, /WAVE_UNKNOWN: sdk@0\.1\.0 began no wave; there are: @nsm\/api/)
  })

  it("says how it is used, and what its exit status means", () => {
    const { status, stdout } = run("--help")
    assert.equal(status, 0)
    for (const word of [
      "status",
      "graph",
      "propagate",
      "chase",
      "merge",
      "release",
      "Exit status: 0 done",
    ]) {
      assert.ok(stdout.includes(word), word)
    }
  })

  for (const { args, code, says } of [
    { args: ["relase"], code: 2, says: /Did you mean release\?/ },
    { args: ["status", "-o", "xml"], code: 2, says: /Allowed choices are table, json/ },
    {
      args: ["merge", "--forge", "/nowhere"],
      code: 2,
      says: /FORGE_UNKNOWN: [^]*what to do: Give --forge/,
    },
  ]) {
    it(`refuses ${args.join(" ")}`, () => {
      const { status, stderr, stdout } = run(...args)
      assert.equal(status, code, stderr)
      assert.match(stderr, says)
      assert.equal(stdout, "")
    })
  }
})

inSuite("npm run pipeline -- graph", () => {
  it("prints it as text, JSON and SVG", function () {
    this.timeout(60_000)
    assert.match(run("graph").stdout, /^stage 0\n {2}\.github → api, /)
    assert.match(run("graph", "-o", "svg").stdout, /^<svg /)
    const { packages } = JSON.parse(run("graph", "-o", "json").stdout) as { packages: unknown[] }
    assert.ok(packages.length > 10)
  })
})
