import assert from "node:assert/strict"
import { parseTutorial } from "./parse.ts"

const fence = "```"
const block = (language: string, text: string): string => `${fence}${language}\n${text}\n${fence}\n`

describe("parseTutorial", () => {
  it("takes scripts with their outputs", () => {
    const text = ["# Title", block("sh", "echo a\necho b"), "prints", block("text", "a\nb")].join(
      "\n",
    )
    assert.deepEqual(parseTutorial(text), [
      { kind: "script", text: "echo a\necho b\n", output: "a\nb\n", line: 2 },
    ])
  })

  it("takes a script whose output is not shown", () => {
    const steps = parseTutorial(block("sh", "true") + block("sh", "echo a") + block("text", "a"))
    assert.deepEqual(
      steps.map((step) => step.kind === "script" && step.output),
      [undefined, "a\n"],
    )
  })

  it("takes files that a comment names", () => {
    const steps = parseTutorial(
      [
        block("ts", "// seats.spec.ts\nlet a = 1"),
        block("yaml", "# lab.yaml\nname: lab"),
        block("ts", "// Not a name.\nlet b = 2"),
        block("yaml", "# seats.ts\nname: lab"),
      ].join("\n"),
    )
    assert.deepEqual(
      steps.map((step) => step.kind === "file" && step.name),
      ["seats.spec.ts", "lab.yaml"],
    )
  })

  it("leaves other blocks to be read", () => {
    assert.deepEqual(
      parseTutorial(block("console", "$ npm ci") + block("", "a") + block("text", "b")),
      [],
    )
  })

  it("keeps what is indented and empty in a block", () => {
    const [step] = parseTutorial(block("sh", "if true\n\n  then true; fi"))
    assert.equal(step?.text, "if true\n\n  then true; fi\n")
  })
})
