import assert from "node:assert/strict"
import { parse } from "yaml"
import { ownWorkflow } from "./workflow.ts"

const shared = `name: package
on: { workflow_call: { inputs: { folder: { type: string } } } }
permissions: { contents: read }
jobs:
  check:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/setup-node@v4
        with: { node-version: 20, cache: npm }
      - run: npm ci
      - run: npm test -- \${{ inputs.folder }}
        working-directory: \${{ inputs.folder }}
      - run: ls
        working-directory: \${{ inputs.folder }}/docs
`

describe("the workflow of a split repository", () => {
  it("has the steps of the suite, at the root, on the suite's Node", () => {
    const text = ownWorkflow({ shared, node: "24.1.0" })
    assert.deepEqual(parse(text), {
      name: "ci",
      on: { push: { branches: ["main"] }, pull_request: null },
      permissions: { contents: "read" },
      jobs: {
        check: {
          "runs-on": "ubuntu-latest",
          steps: [
            {
              uses: "actions/setup-node@v4",
              with: { "node-version": "24.1.0", cache: "npm" },
            },
            { run: "npm ci" },
            { run: "npm test -- ." },
            { run: "ls", "working-directory": "./docs" },
          ],
        },
      },
    })
  })
})
