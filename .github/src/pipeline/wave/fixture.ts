import type { Checks } from "../chase/probes.ts"
import type { Findings } from "../forge/findings.ts"
import type { Forge } from "../forge/forge.ts"
import { type Packages, suite, type Suite } from "../fixture.ts"

const range = ">=0.1.0 <1.0.0"

/** A miniature of the suite: four stages, with two packages in the third. */
export const miniature: Packages = {
  api: {},
  sdk: { api: range },
  "cmd-a": { api: range, sdk: range },
  "cmd-b": { sdk: range },
  "integration-a": { "cmd-a": range, "cmd-b": range },
}

/** Its first packages only. */
export const twoStages: Packages = { api: {}, sdk: { api: range } }

/** A miniature with a release of api to come. */
export function changed(packages: Packages = miniature): Suite {
  const one = suite(packages)
  one.change("api", "minor")
  return one
}

/** A forge that has checks of its own, which end at once; red is what brings one of the releases. */
export function judging({ forge, git }: Suite, red: Readonly<Record<string, string>> = {}): Forge {
  const untold = Object.fromEntries(
    Object.entries(forge).filter(([name]) => name !== "judge"),
  ) as unknown as Forge
  const findings = async (commit: string): Promise<Findings> => {
    const trailers = ["Branch", "Update"].map((key) => `%(trailers:key=${key},valueonly)`)
    const [branch = "", brings = ""] = git(
      "log",
      "-1",
      `--format=${trailers.join("")}`,
      commit,
    ).split("\n")
    const bad = red[branch.split("/")[1] ?? ""]
    const isRed = bad !== undefined && brings.includes(bad)
    const about = { began: new Date().toISOString(), ms: 1000, steps: [{ name: "test", ms: 1000 }] }
    const failed = { step: "test", log: "it fails" }
    return isRed ? { verdict: "red", ...about, failed } : { verdict: "green", ...about }
  }
  return { ...untold, findings, verdict: async (commit) => (await findings(commit)).verdict }
}

/** Checks for the chase that find what the forge has found, and nothing wrong with other versions. */
export function asJudged(forge: Forge, green: Findings): Checks {
  return {
    check: async (_, commit, { instead } = {}) =>
      instead?.size ? green : ((await forge.findings(commit)) ?? green),
  }
}
