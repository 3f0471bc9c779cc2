import type { Workspace } from "./workspaces.ts"

/** The workflow of one step of the pipeline. */
interface StepWorkflow {
  readonly name: string
  /** What it does, and what for. */
  readonly comment: string
  readonly on: string
  /** Whether the event that came calls for the step. */
  readonly when?: string
  /** The step of `npm run pipeline`. */
  readonly step: string
  /** The workflow that begins afterwards. */
  readonly next?: string
  /** What the step may do, and nothing else. */
  readonly permissions: Readonly<Record<string, "read" | "write">>
  readonly minutes?: number
}

/** The workflows of the pipeline's steps, by file. */
export function pipelineWorkflows(all: readonly Workspace[]): ReadonlyMap<string, string> {
  const file = ({ name }: StepWorkflow): string => `.github/workflows/${name}.yaml`
  return new Map(workflows(all).map((one) => [file(one), textOf(one)]))
}

function workflows(all: readonly Workspace[]): readonly StepWorkflow[] {
  return [
    {
      name: "release",
      comment: "Release notes on main become versions, changelogs and tags.",
      on: `  push:
    branches: [main]
    paths: [".changeset/**"]
  schedule:
    - cron: "17 */6 * * *"
`,
      step: "release",
      next: "update.yaml",
      permissions: { actions: "write", contents: "write" },
    },
    {
      name: "update",
      comment:
        "A release opens updates in the packages that are built on it, and has them checked.",
      on: `  push:
    tags: ["@nsm/*@*"]
`,
      step: "propagate",
      next: "check.yaml",
      permissions: { actions: "write", contents: "write", "pull-requests": "write" },
    },
    {
      name: "check",
      comment: "Updates that nobody checks yet are checked by the workflows of their packages.",
      on: "",
      step: "check",
      permissions: {
        actions: "write",
        checks: "read",
        contents: "read",
        "pull-requests": "read",
        statuses: "read",
      },
    },
    {
      name: "automerge",
      comment: "An update whose checks are green is merged; its note makes the next release.",
      // Should GitHub start nothing after what GITHUB_TOKEN had run, the clock does.
      on: `${afterChecks(all)}  schedule:
    - cron: "47 */6 * * *"
`,
      when: "github.event_name != 'workflow_run' || github.event.workflow_run.conclusion == 'success'",
      step: "merge",
      next: "release.yaml",
      permissions: {
        actions: "write",
        checks: "read",
        contents: "write",
        "pull-requests": "write",
        statuses: "read",
      },
    },
    {
      name: "chase",
      comment: "An update whose checks are red is chased back to the change that is to blame.",
      // The clock closes issues whose updates have become green.
      on: `${afterChecks(all)}  schedule:
    - cron: "32 */6 * * *"
`,
      when: "github.event.workflow_run.conclusion != 'success'",
      step: "chase",
      // It builds updates anew whose package has changed.
      next: "check.yaml",
      permissions: {
        actions: "write",
        checks: "read",
        // What has been tried is kept there, for the next run.
        contents: "write",
        issues: "write",
        "pull-requests": "write",
        statuses: "read",
      },
      minutes: 120,
    },
  ]
}

/**
 * One run of a step at a time, and one that waits. What is not called for waits apart, since the
 * newest that waits takes the place of the one before it.
 */
function textOf(workflow: StepWorkflow): string {
  const { name, comment, on, when, step, next, permissions, minutes } = workflow
  const rights = Object.entries(permissions).map(([what, right]) => `      ${what}: ${right}\n`)
  return `# Written by .github/src/workflow-files.ts
# ${comment}
name: ${name}
on:
${on}  workflow_dispatch:
permissions: {}
concurrency:
  group: ${name}${when === undefined ? "" : ` \${{ ${when} }}`}
jobs:
  ${name}:
${when === undefined ? "" : `    if: ${when}\n`}    permissions:
${rights.join("")}    uses: ./.github/workflows/_pipeline.yaml
    with:
      step: ${step}
${next === undefined ? "" : `      next: ${next}\n`}${minutes === undefined ? "" : `      minutes: ${minutes}\n`}`
}

/** Branches of forks may have such names too; the step itself looks only at those of the suite. */
function afterChecks(all: readonly Workspace[]): string {
  const names = all.map(({ folder }) => `      - ${folder}\n`).join("")
  return `  workflow_run:
    workflows:
${names}    types: [completed]
    branches: ["update/**"]
`
}
