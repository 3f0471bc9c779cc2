import assert from "node:assert/strict"
import { spawnSync } from "node:child_process"
import { readFileSync } from "node:fs"
import { delimiter, dirname, join, matchesGlob } from "node:path"
import { inSuite } from "./in-suite.ts"
import { readWorkspaces } from "./workspaces.ts"
import { skip } from "./test-all/skip.ts"

// renovate: datasource=npm depName=renovate
const version = "44.121.2"

interface Rule {
  readonly matchPackageNames?: readonly string[]
  readonly matchFileNames?: readonly string[]
  readonly enabled?: boolean
}

interface Settings {
  readonly packageRules: readonly Rule[]
  readonly vulnerabilityAlerts: object
  readonly customManagers: readonly { readonly matchStrings: readonly string[] }[]
  readonly [field: string]: unknown
}

/** The places of a field, as a path of names. */
function placesOf(value: unknown, field: string, way: readonly string[] = []): readonly string[] {
  if (typeof value !== "object" || value === null) return []
  return Object.entries(value).flatMap(([key, inner]: [string, unknown]) => {
    const here = [...way, key]
    return [
      ...(key === field && inner === true ? [here.join(".")] : []),
      ...placesOf(inner, field, here),
    ]
  })
}

inSuite("the settings of Renovate", (root) => {
  const read = (file: string): string => readFileSync(join(root, file), "utf8")
  const settings = JSON.parse(read("renovate.json")) as Settings
  const workspaces = readWorkspaces(root)

  const dependenciesOf = (file: string): readonly string[] => {
    const { dependencies, devDependencies } = JSON.parse(read(file)) as Record<string, object>
    return Object.keys({ ...dependencies, ...devDependencies })
  }
  const listed = (file: string, line: RegExp): readonly string[] =>
    [...read(file).matchAll(line)].map(([, name = ""]) => name)

  /** What the suite is built on, by the file that names it: npm, Go, images. */
  const used: Readonly<Record<string, readonly string[]>> = {
    ...Object.fromEntries(
      ["", ...workspaces.map(({ folder }) => `${folder}/`)].map((place) => {
        return [`${place}package.json`, dependenciesOf(`${place}package.json`)]
      }),
    ),
    "integration-interop/go/go.mod": listed("integration-interop/go/go.mod", /^\t(\S+) v/gm),
    "cmd-nsmgr/Containerfile": listed("cmd-nsmgr/Containerfile", /^FROM (\S+)/gm),
  }

  it("leave our own packages to the pipeline, by the last word on them", () => {
    const about = settings.packageRules.filter(({ matchPackageNames = [] }) =>
      matchPackageNames.some((pattern) => matchesGlob("@nsm/api", pattern)),
    )
    assert.equal(about.at(-1)?.enabled, false)
    for (const { manifest } of workspaces) assert.match(manifest.name, /^@nsm\//)
  })

  it("merge by themselves nothing but the refreshed lock file", () => {
    assert.deepEqual(placesOf(settings, "automerge"), ["lockFileMaintenance.automerge"])
    assert.equal(settings["automerge"], false)
  })

  it("wait with everything but what closes a hole", () => {
    assert.deepEqual(settings["schedule"], ["before 6am on monday"])
    const { description, ...alerts } = settings.vulnerabilityAlerts as { description?: unknown }
    assert.deepEqual(alerts, {
      enabled: true,
      labels: ["security"],
      schedule: ["at any time"],
      minimumReleaseAge: null,
      groupName: null,
    })
    assert.ok(description)
  })

  it("have no rule about what nobody uses any more", () => {
    for (const { matchPackageNames = [], matchFileNames = [] } of settings.packageRules) {
      for (const pattern of matchPackageNames) {
        const isUsed = Object.values(used)
          .flat()
          .some((name) => matchesGlob(name, pattern))
        assert.ok(isUsed, `nothing is called ${pattern}`)
      }
      for (const pattern of matchFileNames) {
        const files = [...Object.keys(used), ".github/src/renovate.spec.ts"]
        const isThere = files.some((file) => matchesGlob(file, pattern.replace(/^!/, "")))
        assert.ok(isThere, `no manifest is ${pattern}`)
      }
    }
  })

  it("find the versions that stand in tests", () => {
    const [pattern = ""] = settings.customManagers[0]?.matchStrings ?? []
    const found = ["actionlint", "renovate"].map((name) => {
      return new RegExp(pattern).exec(read(`.github/src/${name}.spec.ts`))?.groups
    })
    assert.equal(found[1]?.["currentValue"], version)
    assert.deepEqual(
      found.map((groups) => groups?.["depName"]),
      ["github.com/rhysd/actionlint", "renovate"],
    )
  })

  it("are valid for Renovate itself", function () {
    this.timeout(900_000)
    if (process.env["NSM_RENOVATE"] !== "1") {
      skip(this, "Renovate is a big package: set NSM_RENOVATE=1 to fetch it and ask it")
    }
    // Of what its parts would do when they are installed, the validator needs nothing.
    const words = ["--yes", "--prefer-offline", "--ignore-scripts", `--package=renovate@${version}`]
    const asked = ["renovate-config-validator", "--strict", "--no-global", "renovate.json"]
    // Renovate runs on the Node of the suite, whatever npm itself runs on.
    const path = [dirname(process.execPath), process.env["PATH"]].join(delimiter)
    const env = { ...process.env, PATH: path, RENOVATE_X_IGNORE_RE2: "true" }
    const options = { cwd: root, env, encoding: "utf8", timeout: 900_000 } as const
    const { status, stdout, stderr } = spawnSync("npx", [...words, "--", ...asked], options)
    assert.equal(status, 0, stdout + stderr)
  })
})
