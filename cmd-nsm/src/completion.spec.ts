import assert from "node:assert/strict"
import { spawnSync } from "node:child_process"
import { completion } from "./completion.ts"
import { program } from "./program.ts"

const root = program(new AbortController().signal)

function completed(...words: string[]): string[] {
  const script = [
    completion("bash", root),
    `COMP_WORDS=(${words.map((word) => `"${word}"`).join(" ")})`,
    `COMP_CWORD=${words.length - 1}`,
    "_nsm",
    'printf "%s\\n" "${COMPREPLY[@]}"',
  ].join("\n")
  const { stdout, stderr, status } = spawnSync("bash", ["-c", script], { encoding: "utf8" })
  assert.equal(status, 0, stderr)
  return stdout.trim().split("\n")
}

describe("completion", () => {
  it("completes commands in bash", () => assert.deepEqual(completed("nsm", "stat"), ["status"]))
  it("completes subcommands in bash", () =>
    assert.deepEqual(completed("nsm", "add", "cl"), ["client"]))
  it("completes options in bash", () => assert.deepEqual(completed("nsm", "up", "--f"), ["--file"]))
  it("completes options behind names in bash", () =>
    assert.deepEqual(completed("nsm", "add", "client", "nsc-3", "--s"), ["--service"]))
  it("names every command in zsh and fish", () => {
    for (const shell of ["zsh", "fish"] as const) {
      const script = completion(shell, root)
      for (const { name } of root.commands.map((sub) => ({ name: sub.name() }))) {
        assert.ok(script.includes(name), `${shell}: ${name}`)
      }
    }
  })
})
