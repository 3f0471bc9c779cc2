import { run } from "../command.ts"
import { parseJson } from "../parse-json.ts"
import type { Reason } from "../reasons.ts"
import type { Forge, Identity, OpenProposal, Verdict } from "./forge.ts"
import { issueOf, type IssueOnGitHub, bodyOf } from "./github-issue.ts"
import { findingsOf, type Run } from "./github-runs.ts"

/** Which repository, and who commits. */
export interface GitHubOptions {
  /** `owner/name`. */
  readonly repository: string
  readonly identity?: Identity
  /** GitHub's command line. @default gh */
  readonly command?: string
  /** Further environment of the command. */
  readonly env?: Readonly<Record<string, string>>
}

interface PullRequest {
  readonly number: number
  readonly headRefName: string
  readonly headRefOid: string
  readonly title: string
  readonly body: string
  readonly isCrossRepository: boolean
}

interface Checks {
  readonly statusCheckRollup: readonly {
    readonly status?: string
    readonly conclusion?: string
    readonly state?: string
  }[]
}

/** A repository on GitHub, through its command line, which knows who it is. */
export function gitHubForge(options: GitHubOptions): Forge {
  const { repository, identity, command = "gh", env = {} } = options
  const gh = async (...args: readonly string[]): Promise<string> => {
    const [noun = "", verb = "", ...rest] = args
    const all = [noun, verb, "--repo", repository, ...rest]
    return (await run(command, all, { env: { ...env, GH_PROMPT_DISABLED: "1" }, reasonOf })).text
  }
  const ask = async (...args: readonly string[]): Promise<unknown> => {
    const where = `what ${command} ${args.slice(0, 2).join(" ")} answered`
    return parseJson(await gh(...args), { reason: "FORGE_REFUSED", where })
  }
  const fields = "number,headRefName,headRefOid,title,body,isCrossRepository"
  const open = async (...filter: readonly string[]): Promise<readonly PullRequest[]> => {
    const words = ["--state", "open", "--limit", "500", "--json", fields, ...filter]
    const all = (await ask("pr", "list", ...words)) as readonly PullRequest[]
    // Whoever has a fork can call a branch of it as the pipeline does.
    return all.filter(({ isCrossRepository }) => !isCrossRepository)
  }
  const issues = async (): Promise<readonly IssueOnGitHub[]> => {
    const words = [
      "--state",
      "open",
      "--label",
      label,
      "--limit",
      "500",
      "--json",
      "number,title,body",
    ]
    return (await ask("issue", "list", ...words)) as readonly IssueOnGitHub[]
  }

  return {
    url: `https://github.com/${repository}.git`,
    identity,
    async proposals() {
      const all = await open("--base", "main")
      return all.filter(({ headRefName }) => headRefName.startsWith("update/")).map(proposalOf)
    },
    async propose({ branch, title, text }) {
      const [known] = await open("--head", branch)
      const words = ["--title", title, "--body", text]
      if (known) await gh("pr", "edit", `${known.number}`, ...words)
      else await gh("pr", "create", "--base", "main", "--head", branch, ...words)
    },
    async withdraw({ branch }, why) {
      await gh("pr", "close", branch, "--delete-branch", "--comment", why)
    },
    async wait({ branch, text }, why) {
      await gh("pr", "edit", branch, "--body", `${text}${waiting}${why}`)
    },
    async check({ branch }) {
      // What is pushed with the token of a workflow starts none; what is asked for by name does.
      const [, dependent] = branch.split("/")
      await gh("workflow", "run", `${dependent}.yaml`, "--ref", branch)
    },
    async verdict(commit) {
      // GitHub's search finds what is new only after a while, and answers few times a minute.
      const one = (await open("--base", "main")).find(({ headRefOid }) => headRefOid === commit)
      if (!one) return "none"
      const said = await ask("pr", "view", `${one.number}`, "--json", "statusCheckRollup")
      return verdictOf(said as Checks)
    },
    async findings(commit) {
      const fields = ["--limit", "100", "--json", "databaseId,workflowName,status"]
      const said = await ask("run", "list", "--commit", commit, ...fields)
      const runs = said as readonly Omit<Run, "jobs">[]
      if (runs.length === 0 || runs.some(({ status }) => status !== "completed")) return undefined
      const whole = await Promise.all(
        runs.map(async (one) => {
          const jobs = await ask("run", "view", `${one.databaseId}`, "--json", "jobs")
          return { ...one, ...(jobs as Pick<Run, "jobs">) }
        }),
      )
      const logOf = (job: number) => gh("run", "view", "--job", `${job}`, "--log-failed")
      return findingsOf(whole, logOf)
    },
    async issues() {
      return (await issues()).flatMap(issueOf)
    },
    async report(issue) {
      const known = (await issues()).find((one) => issueOf(one)[0]?.key === issue.key)
      const words = ["--title", issue.title, "--body", bodyOf(issue)]
      if (known) {
        await gh("issue", "edit", `${known.number}`, ...words)
        return
      }
      // An issue cannot get a label that is not there yet.
      await gh("label", "create", label, "--force", "--description", "Reported by the pipeline")
      await gh("issue", "create", "--label", label, ...words)
    },
    async settle(key, why) {
      for (const one of await issues()) {
        if (issueOf(one)[0]?.key !== key) continue
        await gh("issue", "close", `${one.number}`, "--reason", "completed", "--comment", why)
      }
    },
    async merge({ branch, commit }) {
      const { mergeable } = (await ask("pr", "view", branch, "--json", "mergeable")) as {
        mergeable: string
      }
      if (mergeable === "CONFLICTING") return false
      const still = ["--match-head-commit", commit]
      await gh("pr", "merge", branch, "--merge", "--delete-branch", ...still)
      return true
    },
  }
}

function proposalOf({ headRefName, headRefOid, title, body }: PullRequest): OpenProposal {
  // Whoever edits it in a browser sends other line ends.
  const [text = "", waits] = body.replaceAll("\r\n", "\n").split(waiting)
  const proposal = { branch: headRefName, commit: headRefOid, title, text }
  return waits === undefined ? proposal : { ...proposal, waits }
}

/** What the pipeline's own issues are found by. */
const label = "pipeline"

/** Divides a proposal's text from why it waits. */
const waiting = "\n\n---\nWaits for a person: "

/**
 * Check runs have a status and a conclusion, statuses of others only a state. What somebody would
 * have to allow first has not begun.
 */
function verdictOf({ statusCheckRollup: all }: Checks): Verdict {
  const words = all
    .map(({ status, conclusion, state }) => {
      return state ?? (status === "COMPLETED" ? (conclusion ?? "") : "PENDING")
    })
    .filter((word) => word !== "ACTION_REQUIRED")
  if (words.length === 0) return "none"
  if (words.some((word) => word === "PENDING" || word === "EXPECTED")) return "running"
  return words.every((word) => ["SUCCESS", "NEUTRAL", "SKIPPED"].includes(word)) ? "green" : "red"
}

function reasonOf(said: string): Reason {
  if (/Head branch was modified|head.*(mismatch|changed)/i.test(said)) return "BRANCH_MOVED"
  if (/could not resolve|connect|timeout|HTTP 5\d\d/i.test(said)) return "FORGE_UNREACHABLE"
  return "FORGE_REFUSED"
}
