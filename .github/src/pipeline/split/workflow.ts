import { Document, isMap, isSeq, parseDocument, type YAMLMap } from "yaml"

/** What a workflow is made from. */
export interface WorkflowOptions {
  /** The text of the suite's `_package.yaml`. */
  readonly shared: string
  /** The texts of the suite's own actions, by what names them, such as `./.github/actions/set-up`. */
  readonly actions: ReadonlyMap<string, string>
  /** The version of Node that scripts run on. @default what the others say */
  readonly node?: string | undefined
}

/**
 * The workflow of a split repository: the steps that every package of the suite goes through in its
 * workspace, at the root, on the Node that the suite pins.
 */
export function ownWorkflow({ shared, actions, node }: WorkflowOptions): string {
  const here = parseDocument(shared.replaceAll("${{ inputs.folder }}", "."))
  const steps = stepsOf(here, ["jobs", "workspace", "steps"]).flatMap((step) => {
    const action = actions.get(String(step.get("uses")))
    return action === undefined ? [step] : stepsOf(parseDocument(action), ["runs", "steps"])
  })
  for (const step of steps) adapt(step, node)
  const limits = ["runs-on", "timeout-minutes"].map((key) => {
    return [key, here.getIn(["jobs", "workspace", key])] as const
  })
  const workflow = new Document({
    name: "ci",
    on: { push: { branches: ["main"] }, pull_request: null },
    permissions: { contents: "read" },
    jobs: { check: { ...Object.fromEntries(limits.filter(([, value]) => value !== undefined)) } },
  })
  workflow.setIn(["jobs", "check", "steps"], workflow.createNode(steps))
  workflow.commentBefore =
    " What each package of the suite goes through, as it was when this one was split off."
  return workflow.toString({ lineWidth: 0, nullStr: "" })
}

/** The suite's own actions that a workflow names. */
export function ownActions(shared: string): readonly string[] {
  return [...shared.matchAll(/uses: (\.\/\S+)/g)].map(([, path = ""]) => path)
}

function stepsOf(document: Document, path: readonly string[]): readonly YAMLMap[] {
  const steps = document.getIn(path)
  return isSeq(steps) ? steps.items.filter((step) => isMap(step)) : []
}

function adapt(step: YAMLMap, node: string | undefined): void {
  // Says what is so in the suite.
  step.commentBefore = null
  if (step.get("working-directory") === ".") step.delete("working-directory")
  if (node !== undefined && String(step.get("uses")).startsWith("actions/setup-node@")) {
    step.setIn(["with", "node-version"], node)
  }
}
