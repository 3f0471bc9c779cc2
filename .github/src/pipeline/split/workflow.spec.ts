import assert from "node:assert/strict"
import { parse } from "yaml"
import { ownActions, ownWorkflow } from "./workflow.ts"

const shared = `name: package
on: { workflow_call: { inputs: { folder: { type: string } } } }
permissions: { contents: read }
jobs:
  workspace:
    runs-on: ubuntu-latest
    timeout-minutes: 30
    steps:
      - uses: actions/checkout@0123 # v1.0.0
      - uses: ./.github/actions/set-up
      - run: npm test -- \${{ inputs.folder }}
        working-directory: \${{ inputs.folder }}
      - run: ls
        working-directory: \${{ inputs.folder }}/docs
  alone:
    runs-on: ubuntu-latest
    steps:
      - run: npm run pipeline
`

const setUp = `name: set up
runs:
  using: composite
  steps:
    # The suite has an old one.
    - uses: actions/setup-node@4567
      with: { node-version: 20, cache: npm }
    - run: npm ci
      shell: bash
`

const set = "./.github/actions/set-up"

describe("the workflow of a split repository", () => {
  it("has the steps of the suite's workspace, at the root, on the suite's Node", () => {
    assert.deepEqual(ownActions(shared), [set])
    const actions = new Map([[set, setUp]])
    const text = ownWorkflow({ shared, actions, node: "24.1.0" })
    assert.deepEqual(parse(text), {
      name: "ci",
      on: { push: { branches: ["main"] }, pull_request: null },
      permissions: { contents: "read" },
      jobs: {
        check: {
          "runs-on": "ubuntu-latest",
          "timeout-minutes": 30,
          steps: [
            { uses: "actions/checkout@0123" },
            {
              uses: "actions/setup-node@4567",
              with: { "node-version": "24.1.0", cache: "npm" },
            },
            { run: "npm ci", shell: "bash" },
            { run: "npm test -- ." },
            { run: "ls", "working-directory": "./docs" },
          ],
        },
      },
    })
    // Whoever renews actions reads their version there.
    assert.match(text, /actions\/checkout@0123 # v1\.0\.0\n/)
    assert.doesNotMatch(text, /old one/)
  })
})
