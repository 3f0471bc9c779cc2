import { createHash } from "node:crypto"
import { resolve } from "node:path"
import { askGit, git } from "../git.ts"
import { PipelineError } from "../pipeline-error.ts"
import type { Findings } from "./findings.ts"
import type { Forge, Identity, OpenProposal, Proposal } from "./forge.ts"
import type { Issue } from "./issue.ts"

/** A forge that can be told what checks found, since nobody else runs them. */
export interface BareForge extends Forge {
  /** Keeps what the checks of a commit found. */
  judge(commit: string, findings: Findings): Promise<void>
}

/** Whether a forge is one that can be told. */
export function canBeTold(forge: Forge): forge is BareForge {
  return "judge" in forge
}

/**
 * A bare repository as a forge. Proposals, findings and issues are small texts under `refs/pipeline/`, so
 * whoever has the repository has them too, and git keeps two writers apart.
 */
export function bareForge(options: { path: string; identity?: Identity }): BareForge {
  const path = resolve(options.path)
  const inside = (args: readonly string[], input = "") => git(path, args, { input })
  const show = (ref: string) => inside(["cat-file", "blob", ref])

  const list = async (pattern: string): Promise<readonly string[]> => {
    const refs = await inside(["for-each-ref", "--format=%(refname)", pattern])
    return refs.split("\n").filter(Boolean)
  }
  const store = async (ref: string, value: unknown): Promise<void> => {
    const blob = await inside(["hash-object", "-w", "--stdin"], JSON.stringify(value))
    await inside(["update-ref", ref, blob])
  }
  /** Takes branch and proposal away, together with another change or not at all. */
  const close = async ({ branch, commit }: OpenProposal, ...more: string[]): Promise<void> => {
    const gone = [`delete refs/heads/${branch} ${commit}`, `delete ${proposalRef(branch)}`]
    await inside(["update-ref", "--stdin"], `${[...more, ...gone].join("\n")}\n`)
  }

  const findings = async (commit: string): Promise<Findings | undefined> => {
    const [known] = await list(findingsRef(commit))
    return known === undefined ? undefined : (JSON.parse(await show(known)) as Findings)
  }

  return {
    url: path,
    identity: options.identity,
    async proposals() {
      const refs = await list("refs/pipeline/proposals/")
      const all = await Promise.all(
        refs.map(async (ref) => {
          const proposal = JSON.parse(await show(ref)) as Proposal
          const head = ["--format=%(objectname)", `refs/heads/${proposal.branch}`]
          return { ...proposal, commit: await inside(["for-each-ref", ...head]) }
        }),
      )
      // A branch that a person has removed takes its proposal with it.
      return all.filter(({ commit }) => commit !== "")
    },
    async propose({ branch, title, text }) {
      await store(proposalRef(branch), { branch, title, text })
    },
    withdraw: (proposal) => close(proposal),
    async wait({ branch, title, text }, why) {
      await store(proposalRef(branch), { branch, title, text, waits: why })
    },
    async verdict(commit) {
      return (await findings(commit))?.verdict ?? "none"
    },
    findings,
    async judge(commit, found) {
      await store(findingsRef(commit), found)
    },
    async issues() {
      const refs = await list("refs/pipeline/issues/")
      return Promise.all(refs.map(async (ref) => JSON.parse(await show(ref)) as Issue))
    },
    async report(issue) {
      await store(issueRef(issue.key), issue)
    },
    async settle(key) {
      await inside(["update-ref", "-d", issueRef(key)])
    },
    async merge(proposal) {
      const { branch, commit, title } = proposal
      const main = await inside(["rev-parse", "refs/heads/main"])
      const merging = ["merge-tree", "--write-tree", "--name-only", main, commit]
      const { code, text } = await askGit(path, merging, { answers: [0, 1] })
      if (code === 1) return false
      const [tree = ""] = text.split("\n")
      const who = options.identity
      const as = who ? [`user.name=${who.name}`, `user.email=${who.email}`] : []
      const settings = as.flatMap((one) => ["-c", one])
      const parents = ["-p", main, "-p", commit]
      const made = await inside([...settings, "commit-tree", tree, ...parents], `${title}\n`)
      try {
        await close(proposal, `update refs/heads/main ${made} ${main}`)
      } catch (cause) {
        const said = `main or ${branch} moved while it was merged`
        throw new PipelineError("BRANCH_MOVED", said, { cause })
      }
      return true
    },
  }
}

const proposalRef = (branch: string): string => `refs/pipeline/proposals/${branch}`
const findingsRef = (commit: string): string => `refs/pipeline/findings/${commit}`

/** Not every key could be part of a ref's name. */
const issueRef = (key: string): string =>
  `refs/pipeline/issues/${createHash("sha256").update(key).digest("hex")}`
