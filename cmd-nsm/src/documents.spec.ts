import assert from "node:assert/strict"
import { assertPrinted } from "@nsm/sdk/testing"
import { examples } from "./command-line/examples.ts"
import { nameOf } from "./command-line/options.ts"
import { program } from "./program.ts"
import { reference } from "./reference.ts"

const root = program(new AbortController().signal)

describe("the documents", () => {
  it("list every command with what it takes", () => {
    assertPrinted({ file: new URL("../docs/cli.md", import.meta.url), text: reference(root) })
  })

  it("have no example of a command that does not exist, or with options that it does not take", () => {
    const below = ({ commands }: typeof root): readonly (typeof root)[] =>
      commands.flatMap((one) => [one, ...below(one)])
    const all = below(root)
    for (const [name, example] of Object.entries(examples)) {
      const command = all.find((one) => nameOf(one) === name)
      assert.ok(command && example.startsWith(`${name} `), name)
      const words = example.slice(name.length + 1).split(" ")
      assert.deepEqual(command.parseOptions(words).unknown, [], example)
    }
  })
})
