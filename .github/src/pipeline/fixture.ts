import { execFileSync } from "node:child_process"
import { mkdirSync, mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { type BareForge, bareForge } from "./forge/bare-forge.ts"
import type { Findings } from "./forge/findings.ts"

const identity = { name: "Pipeline", email: "pipeline@example.org" }

/** A small suite in a bare repository, which goes with it. */
export interface Suite extends Disposable {
  readonly forge: BareForge
  readonly path: string
  /** Runs git in the bare repository. */
  readonly git: (...args: readonly string[]) => string
  /** Commits files to a branch, on top of it or of main; undefined removes one. */
  commit(files: Files, branch?: string, tags?: readonly string[], message?: string): string
  /** Commits and tags versions of packages, as a release does. */
  released(versions: Readonly<Record<string, string>>): void
  /** Commits a release note for a package. */
  change(folder: string, bump: "patch" | "minor" | "major", text?: string): void
}

/** Texts by path below the root. */
export type Files = Readonly<Record<string, string | undefined>>

/** Which packages there are, with the ranges that they name. */
export type Packages = Readonly<Record<string, Readonly<Record<string, string>>>>

/** Writes a suite: all packages at 0.1.0, released. */
export function suite(packages: Packages, more: Files = {}): Suite {
  const root = mkdtempSync(join(tmpdir(), "nsm-pipeline-spec-"))
  const path = join(root, "suite.git")
  const git = (input: string, ...args: readonly string[]): string =>
    execFileSync("git", args, { cwd: path, encoding: "utf8", stdio: "pipe", input }).trim()
  mkdirSync(path)
  git("", "init", "--quiet", "--bare", "--initial-branch=main")
  const commit: Suite["commit"] = (files, branch = "main", tags = [], message) => {
    const known = ["for-each-ref", "--format=%(refname)", `refs/heads/${branch}`, "refs/heads/main"]
    const refs = git("", ...known).split("\n")
    const from = refs.find((ref) => ref === `refs/heads/${branch}`) ?? refs[0] ?? ""
    git(importText({ files, branch, tags, from, message }), "fast-import", "--quiet")
    return git("", "rev-parse", `refs/heads/${branch}`)
  }
  const names = Object.keys(packages).map((folder) => `@nsm/${folder}@0.1.0`)
  commit({ ...suiteFiles(packages), ...more }, "main", names)
  let changes = 0
  return {
    forge: bareForge({ path, identity }),
    path,
    git: (...args) => git("", ...args),
    commit,
    change(folder, bump, text = `Something in ${folder}.`) {
      changes += 1
      const file = `.changeset/change-${changes}.md`
      commit({ [file]: `---\n"@nsm/${folder}": ${bump}\n---\n\n${text}\n` })
    },
    released(versions) {
      const files = Object.entries(versions).flatMap(([folder, version]) => {
        const file = `${folder}/package.json`
        const manifest = JSON.parse(git("", "show", `main:${file}`)) as object
        const changelog = `# @nsm/${folder}\n\n## ${version}\n\n- What ${folder} has in ${version}.\n`
        return [
          [file, json({ ...manifest, version })],
          [`${folder}/CHANGELOG.md`, changelog],
        ] as const
      })
      const tags = Object.entries(versions).map(([folder, version]) => `@nsm/${folder}@${version}`)
      commit(Object.fromEntries(files), "main", tags)
    },
    [Symbol.dispose]: () => rmSync(root, { recursive: true, force: true }),
  }
}

/** One commit in the language of `git fast-import`, which needs no working copy. */
function importText({
  files,
  branch,
  tags,
  from,
  message = `Change ${Object.keys(files).join(", ")}`,
}: {
  files: Files
  branch: string
  tags: readonly string[]
  from: string
  message?: string | undefined
}): string {
  const data = (text: string): string => `data ${Buffer.byteLength(text)}\n${text}\n`
  const changes = Object.entries(files).map(([file, text]) =>
    text === undefined ? `D ${file}\n` : `M 100644 inline ${file}\n${data(text)}`,
  )
  return [
    `commit refs/heads/${branch}\nmark :1\ncommitter A <a@example.org> ${clock} +0000\n`,
    data(message),
    from === "" ? "" : `from ${from}^0\n`,
    ...changes,
    ...tags.map((tag) => `reset refs/tags/${tag}\nfrom :1\n\n`),
  ].join("")
}

const clock = 1_700_000_000

const json = (value: unknown): string => `${JSON.stringify(value, null, 2)}\n`

/** What made-up checks found. */
export function found(verdict: Findings["verdict"], log = "Error: not today"): Findings {
  const times = { began: "2026-01-01T00:00:00.000Z", ms: 1000, steps: [{ name: "test", ms: 1000 }] }
  return { verdict, ...times, ...(verdict === "red" && { failed: { step: "test", log } }) }
}

/** The manifest of a made-up package. */
export function manifestOf(folder: string, needs: Readonly<Record<string, string>>): object {
  const dependencies = Object.fromEntries(
    Object.entries(needs).map(([name, range]) => [`@nsm/${name}`, range]),
  )
  return { name: `@nsm/${folder}`, version: "0.1.0", type: "module", dependencies }
}

function suiteFiles(packages: Packages): Files {
  const folders = Object.keys(packages)
  const entries = Object.entries(packages).map(
    ([folder, needs]) => [folder, manifestOf(folder, needs)] as const,
  )
  const links = folders.map(
    (folder) => [`node_modules/@nsm/${folder}`, { resolved: folder, link: true }] as const,
  )
  const root = { name: "suite", workspaces: folders }
  const lock = {
    name: "suite",
    lockfileVersion: 3,
    requires: true,
    packages: Object.fromEntries([["", root], ...entries, ...links]),
  }
  const config = {
    changelog: "@changesets/changelog-git",
    commit: false,
    baseBranch: "main",
    access: "public",
    bumpVersionsWithWorkspaceProtocolOnly: true,
  }
  return {
    "package.json": json({ ...root, private: true }),
    "package-lock.json": json(lock),
    ".gitignore": "node_modules/\ndist/\n",
    ".changeset/config.json": json(config),
    ...Object.fromEntries(
      entries.flatMap(([folder, manifest]) => [
        [`${folder}/package.json`, json(manifest)],
        [`${folder}/CHANGELOG.md`, `# @nsm/${folder}\n`],
      ]),
    ),
  }
}
