import type { Manifest } from "../../workspaces.ts"
import type { Clone } from "../clone.ts"
import { found, type Suite } from "../fixture.ts"
import type { Findings } from "../forge/findings.ts"
import { namedVersion } from "../range.ts"
import { tagOf } from "../releases.ts"
import type { Checks } from "./probes.ts"

/** What was asked of made-up checks. */
export interface Asked {
  readonly folder: string
  readonly commit: string
  readonly instead: ReadonlyMap<string, string>
}

/**
 * Checks of made-up packages without npm: `has.txt` says in words what a package has, and
 * `fails.txt` on each line which of them its test, or its build, fails with when they come together.
 * What has the word "unbuildable" cannot be packed.
 */
export function madeUpChecks({ git }: Pick<Clone, "git">, asked: Asked[] = []): Checks {
  const read = async (at: string, file: string): Promise<string> =>
    git("show", `${at}:${file}`).catch(() => "")
  return {
    async check(folder, commit, { instead = new Map<string, string>() } = {}) {
      asked.push({ folder, commit, instead })
      const manifest = JSON.parse(await read(commit, `${folder}/package.json`)) as Manifest
      const texts = await Promise.all(
        Object.entries(manifest.dependencies ?? {}).map(async ([name, range]) => {
          const at = instead.get(name) ?? `refs/tags/${tagOf(name, namedVersion(range, name))}`
          return read(at, `${name.replace("@nsm/", "")}/has.txt`)
        }),
      )
      const has = new Set(
        [await read(commit, `${folder}/has.txt`), ...texts].join(" ").split(/\s+/),
      )
      if (has.has("unbuildable")) return red("pack", "CHECK_FAILED: npm run build: no")
      const rules = (await read(commit, `${folder}/fails.txt`)).split("\n").filter(Boolean)
      const broken = rules.find((rule) =>
        rule
          .replace("build: ", "")
          .split(" ")
          .every((word) => has.has(word)),
      )
      if (broken === undefined) return found("green")
      return red(broken.startsWith("build: ") ? "build" : "test", `Error: seen ${broken}`)
    },
  }
}

function red(step: string, log: string): Findings {
  const all = ["pack", "build", "test"]
  const steps = all.slice(0, all.indexOf(step) + 1).map((name) => ({ name, ms: 1000 }))
  return { ...found("red"), steps, failed: { step, log } }
}

/** Keeps that all open updates are red. */
export async function allRed({ forge }: Suite): Promise<void> {
  for (const { commit } of await forge.proposals()) await forge.judge(commit, found("red"))
}
