import { execFileSync } from "node:child_process"
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { type Files, suite, type Suite } from "../fixture.ts"

/** A suite that is checked out, and room for what is split off; both go with it. */
export interface Workplace extends Disposable {
  readonly suite: Suite
  /** The checkout. */
  readonly root: string
  /** A folder beside it. */
  readonly beside: (name: string) => string
}

const shared = `name: package
on:
  workflow_call:
    inputs:
      folder:
        type: string
permissions:
  contents: read
jobs:
  workspace:
    runs-on: ubuntu-latest
    steps:
      - uses: ./.github/actions/set-up
      - run: npm test
        working-directory: \${{ inputs.folder }}
`

const setUp = `name: set up
runs:
  using: composite
  steps:
    - run: npm ci
      shell: bash
`

/** What there is before anything is changed: `sdk` is built on `api`, both are released. */
const files: Files = {
  ".npmrc": "save-exact=true\n",
  LICENSE: "Ours.\n",
  ".github/workflows/_package.yaml": shared,
  ".github/actions/set-up/action.yaml": setUp,
  "sdk/tsconfig.json": '{ "extends": "x/tsconfig.json", "references": [{ "path": "../api" }] }\n',
  "sdk/src/index.ts": "export const a = 1\nexport const b = 2\nexport const c = 3\n",
}

/** A document with a link out of its folder, for those whose tests need one. */
export const outward: Files = {
  "docs/tour.md": "# A tour\n",
  "sdk/README.md":
    "# sdk\n\nSee [the tour](../docs/tour.md) and [what is new](CHANGELOG.md).\n\nOne.\n",
}

/** Checks out a suite of two packages. */
export function workplace(more: Files = {}): Workplace {
  const place = mkdtempSync(join(tmpdir(), "nsm-split-spec-"))
  const one = suite({ api: {}, sdk: { api: ">=0.1.0 <1.0.0" } }, { ...files, ...more })
  const root = join(place, "suite")
  execFileSync("git", ["clone", "--quiet", one.path, root])
  return {
    suite: one,
    root,
    beside: (name) => join(place, name),
    [Symbol.dispose]() {
      one[Symbol.dispose]()
      rmSync(place, { recursive: true, force: true })
    },
  }
}

/** Runs git in a repository as Anna. */
export function gitIn(cwd: string, ...args: readonly string[]): string {
  const who = ["-c", "user.name=Anna Ångström", "-c", "user.email=anna@example.org"]
  return execFileSync("git", [...who, ...args], { cwd, encoding: "utf8", stdio: "pipe" }).trim()
}

/** Commits texts in a repository as Anna, some time ago; undefined removes one. */
export function commitIn(cwd: string, files: Files, message: string): string {
  for (const [file, text] of Object.entries(files)) {
    mkdirSync(dirname(join(cwd, file)), { recursive: true })
    if (text === undefined) rmSync(join(cwd, file))
    else writeFileSync(join(cwd, file), text)
  }
  gitIn(cwd, "add", "--all")
  gitIn(cwd, "commit", "--quiet", "--message", message, "--date", "2026-03-01T12:00:00+01:00")
  return gitIn(cwd, "rev-parse", "HEAD")
}
