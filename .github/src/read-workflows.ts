import { readdirSync, readFileSync } from "node:fs"
import { basename, join } from "node:path"
import { parse } from "yaml"

/** Values by the name of an input. */
type Inputs = Readonly<Record<string, string>>

interface Step {
  readonly uses?: string
  readonly run?: string
  readonly "working-directory"?: string
  readonly env?: Inputs
}

/** A job, of which a test looks at these fields. */
export interface Job extends Step {
  readonly "timeout-minutes"?: unknown
  readonly permissions?: Inputs
  readonly steps?: readonly Step[]
  readonly with?: Inputs
}

interface Trigger {
  readonly workflows?: readonly string[]
  readonly paths?: readonly string[]
}

/** A workflow, likewise. */
export interface Workflow {
  readonly name: string
  readonly on: Readonly<Record<string, Trigger | null>>
  readonly permissions?: unknown
  readonly concurrency?: object
  readonly jobs: Readonly<Record<string, Job>>
}

/** A line that a workflow runs, with all inputs filled in. */
export interface Run {
  /** The workflow and its job. */
  readonly where: string
  readonly line: string
  /** The folder that it runs in, below the root; empty for the root. */
  readonly place: string
}

/** The workflows of the suite, by file. */
export interface Workflows {
  readonly texts: ReadonlyMap<string, string>
  readonly workflows: ReadonlyMap<string, Workflow>
  readonly jobs: readonly { readonly where: string; readonly job: Job }[]
  /** What all jobs run; those of a called workflow once for each that calls it. */
  readonly runs: readonly Run[]
}

/** Reads the workflows of the suite at a root. */
export function readWorkflows(root: string): Workflows {
  const folder = join(root, ".github/workflows")
  const texts = new Map(
    readdirSync(folder).map((file) => [file, readFileSync(join(folder, file), "utf8")] as const),
  )
  const workflows = new Map([...texts].map(([file, text]) => [file, parse(text) as Workflow]))
  const jobs = [...workflows].flatMap(([file, workflow]) =>
    Object.entries(workflow.jobs).map(([name, job]) => ({ file, where: `${file}: ${name}`, job })),
  )
  const runs = jobs.flatMap(({ file, where, job }) => {
    const callers = jobs.filter(({ job: { uses } }) => basename(uses ?? "") === file)
    const given = callers.map((one) => one.job.with ?? {})
    return (given.length === 0 ? [{}] : given).flatMap((inputs) => runsOf(where, job, inputs))
  })
  return { texts, workflows, jobs, runs }
}

function runsOf(where: string, { steps = [] }: Job, inputs: Inputs): readonly Run[] {
  const filled = (text = "") =>
    text.replaceAll(/\$\{\{ inputs\.(\w+) \}\}/g, (_, name: string) => inputs[name] ?? "")
  return steps.map(({ run, "working-directory": place }) => {
    return { where, line: filled(run), place: filled(place) }
  })
}
