import { parse, stringify } from "yaml"

/** A step of a workflow, as far as it is looked at. */
interface Step {
  readonly uses?: string
  readonly with?: Readonly<Record<string, unknown>>
  readonly "working-directory"?: string
}

interface Workflow {
  readonly permissions: unknown
  readonly jobs: Readonly<Record<string, { readonly steps: readonly Step[] }>>
}

/**
 * The workflow of a split repository: what every package of the suite goes through, at the root,
 * on the Node that the suite pins.
 */
export function ownWorkflow({ shared, node }: WorkflowOptions): string {
  const { permissions, jobs } = parse(shared.replaceAll("${{ inputs.folder }}", ".")) as Workflow
  const workflow = {
    name: "ci",
    on: { push: { branches: ["main"] }, pull_request: null },
    permissions,
    jobs: Object.fromEntries(
      Object.entries(jobs).map(([name, job]) => [
        name,
        { ...job, steps: job.steps.map((step) => ownStep(step, node)) },
      ]),
    ),
  }
  const head =
    "# What the suite runs for each of its packages; written when this one was split off."
  return `${head}\n${stringify(workflow, { lineWidth: 0, nullStr: "" })}`
}

/** What a workflow is made from. */
export interface WorkflowOptions {
  /** The text of the suite's `_package.yaml`. */
  readonly shared: string
  /** The version of Node that scripts run on. @default what `shared` says */
  readonly node?: string | undefined
}

function ownStep(
  { "working-directory": folder = ".", ...step }: Step,
  node: string | undefined,
): Step {
  return {
    ...step,
    ...(folder !== "." && { "working-directory": folder }),
    ...(node !== undefined &&
      step.uses?.startsWith("actions/setup-node@") && {
        with: { ...step.with, "node-version": node },
      }),
  }
}
