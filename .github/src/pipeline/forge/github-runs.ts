import { type Findings, lastPart } from "./findings.ts"

/** One run of a workflow, as GitHub's command line prints it. */
export interface Run {
  readonly databaseId: number
  readonly workflowName: string
  readonly status: string
  readonly jobs: readonly Job[]
}

interface Job {
  readonly databaseId: number
  readonly name: string
  readonly conclusion: string
  readonly startedAt: string
  readonly completedAt: string
  readonly steps: readonly { readonly name: string; readonly conclusion: string }[]
}

/** What all jobs of a commit's runs found, each as one step; nothing where none had to run. */
export async function findingsOf(
  runs: readonly Run[],
  logOf: (job: number) => Promise<string>,
): Promise<Findings | undefined> {
  const all = runs
    .flatMap(({ workflowName, jobs }) =>
      jobs.map((job) => ({ ...job, name: `${workflowName} / ${job.name}` })),
    )
    .filter(({ conclusion }) => conclusion !== "skipped")
    .toSorted((a, b) => Date.parse(a.startedAt) - Date.parse(b.startedAt))
  if (all.length === 0) return undefined
  const began = Math.min(...all.map(({ startedAt }) => Date.parse(startedAt)))
  const ended = Math.max(...all.map(({ completedAt }) => Date.parse(completedAt)))
  const times = { began: new Date(began).toISOString(), ms: ended - began, steps: all.map(timeOf) }
  const red = all.find(({ conclusion }) => !["success", "neutral"].includes(conclusion))
  if (!red) return { verdict: "green", ...times }
  const { name = red.name } = red.steps.find(({ conclusion }) => conclusion === "failure") ?? {}
  const log = lastPart(withoutMargin(await logOf(red.databaseId)))
  return { verdict: "red", ...times, failed: { step: name, log } }
}

function timeOf({ name, startedAt, completedAt }: Job): Findings["steps"][number] {
  return { name, ms: Date.parse(completedAt) - Date.parse(startedAt) }
}

/** Each line begins with job, step and time. */
function withoutMargin(log: string): string {
  return log.replaceAll(/^[^\t\n]*\t[^\t\n]*\t\uFEFF?(\S+Z )?/gm, "")
}
