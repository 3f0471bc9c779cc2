import { resolve } from "node:path"
import { askGit, git } from "../git.ts"
import { PipelineError } from "../pipeline-error.ts"
import type { Forge, Identity, OpenProposal, Proposal, Verdict } from "./forge.ts"

/** A forge that can be told what checks found, since nobody else runs them. */
export interface BareForge extends Forge {
  /** Keeps what the checks of a commit found. */
  judge(commit: string, verdict: Verdict): Promise<void>
}

/**
 * A bare repository as a forge. Proposals and verdicts are small texts under `refs/pipeline/`, so
 * whoever has the repository has them too, and git keeps two writers apart.
 */
export function bareForge(options: { path: string; identity?: Identity }): BareForge {
  const path = resolve(options.path)
  const inside = (args: readonly string[], input = "") => git(path, args, { input })
  const show = (ref: string) => inside(["cat-file", "blob", ref])

  const list = (pattern: string) => inside(["for-each-ref", "--format=%(refname)", pattern])
  const store = async (ref: string, value: unknown): Promise<void> => {
    const blob = await inside(["hash-object", "-w", "--stdin"], JSON.stringify(value))
    await inside(["update-ref", ref, blob])
  }
  const close = async ({ branch, commit }: OpenProposal): Promise<void> => {
    const lines = [`delete refs/heads/${branch} ${commit}`, `delete ${proposalRef(branch)}`]
    await inside(["update-ref", "--stdin"], `${lines.join("\n")}\n`)
  }

  return {
    url: path,
    identity: options.identity,
    async proposals() {
      const refs = (await list("refs/pipeline/proposals/")).split("\n").filter(Boolean)
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
    withdraw: close,
    async wait({ branch, title, text }, why) {
      await store(proposalRef(branch), { branch, title, text, waits: why })
    },
    async verdict(commit) {
      const known = await list(verdictRef(commit))
      return known === "" ? "none" : (JSON.parse(await show(known)) as Verdict)
    },
    async judge(commit, verdict) {
      await store(verdictRef(commit), verdict)
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
        await inside(["update-ref", "refs/heads/main", made, main])
      } catch (cause) {
        const said = `main moved while ${branch} was merged`
        throw new PipelineError("BRANCH_MOVED", said, { cause })
      }
      await close(proposal)
      return true
    },
  }
}

const proposalRef = (branch: string): string => `refs/pipeline/proposals/${branch}`
const verdictRef = (commit: string): string => `refs/pipeline/verdicts/${commit}`
