import assert from "node:assert/strict"
import { spawn } from "node:child_process"
import { once } from "node:events"
import { existsSync } from "node:fs"
import { mkdir, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { text } from "node:stream/consumers"
import { temporaryFolder, type TemporaryFolder } from "@nsm/sdk/testing"

const main = join(import.meta.dirname, "main.ts")

describe("nsm without a playground", function () {
  this.timeout(20_000)
  let folder: TemporaryFolder
  before(async () => {
    folder = await temporaryFolder()
  })
  after(async () => folder[Symbol.asyncDispose]())

  function start(args: readonly string[], isRead = true) {
    const child = spawn(process.execPath, ["--conditions=source", main, ...args], {
      cwd: folder.path,
      env: { PATH: process.env["PATH"], HOME: folder.path, TMPDIR: folder.path, NO_COLOR: "1" },
      stdio: ["ignore", "pipe", "pipe"],
    })
    if (!isRead) child.stdout.destroy()
    return child
  }

  async function run(...args: readonly string[]) {
    const child = start(args)
    const closed = once(child, "close")
    const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr)])
    await closed
    return { code: child.exitCode, stdout, stderr }
  }

  const wrong: readonly [says: RegExp, code: number, ...args: string[]][] = [
    [/unknown command 'stauts'[\s\S]*Did you mean status\?[\s\S]*--help/, 2, "stauts"],
    [/unknown option '--nope'/, 2, "up", "--nope"],
    [/Expected 0 arguments/, 2, "up", "lab.yaml"],
    [/required option '--node <node>'/, 2, "add", "client", "nsc-3"],
    [/Write a label as key=value/, 2, "add", "endpoint", "e", "--label", "color"],
    [/missing required argument 'process'/, 2, "restart"],
    [/no playground "default" is up/, 3, "kill", "registry", "--force"],
    [/Write a label as key=value/, 2, "select", "web", "--label", "color"],
    [/Write it as endpoint:key=value/, 2, "select", "web", "--with-label", "color=blue"],
    [/missing required argument 'service'/, 2, "select"],
    [/no playground "default" is up/, 3, "select", "web"],
    [/Allowed choices are table, wide, json/, 2, "status", "-o", "xml"],
    [/Allowed choices are ETHERNET, IP/, 2, "add", "endpoint", "e", "--payload", "MPLS"],
    [/Give a whole number above 0/, 2, "ping", "-c", "0"],
    [/must be 1 to 40 small letters/, 2, "down", ".."],
    [/must be 1 to 40 small letters/, 2, "status", "-n", "/"],
    [/name the workload or node first/, 2, "exec", "nsc-1", "-n", "lab", "--", "ls"],
    [/missing required argument 'command'/, 2, "exec", "nsc-1"],
    [
      /cannot be read: ENOENT.*nowhere\.yaml[\s\S]*what to do: Name one with -f/,
      2,
      "up",
      "-f",
      "nowhere.yaml",
    ],
    [/no playground "default" is up\n.*what to do: Start one: nsm up/, 3, "status"],
    [/no playground "default" is up/, 3, "logs", "nsc-1"],
    [
      /the program of e is not there: .*nowhere\.ts/,
      2,
      ...["add", "endpoint", "e", "--node", "n", "--service", "s", "--program", "nowhere.ts"],
    ],
    [/no playground "lab" is up/, 3, "exec", "-n", "lab", "nsc-1", "--", "ls"],
    [/^Usage: nsm /, 2],
  ]
  for (const [says, code, ...args] of wrong) {
    it(`answers ${code} to: nsm ${args.join(" ")}`, async () => {
      const outcome = await run(...args)
      assert.match(outcome.stderr, says)
      assert.equal(outcome.code, code)
      assert.equal(outcome.stdout, "")
    })
  }

  it("passes the options behind a workload's name on to the command", async () => {
    // Taken for options of nsm, -V would print the version and -o be unknown.
    const { code, stderr } = await run("exec", "nsc-1", "ip", "-o", "-V")
    assert.equal(code, 3, stderr)
  })

  it("takes -q before and behind the command", async () => {
    assert.match((await run("down")).stderr, /no playground/)
    for (const args of [
      ["-q", "down"],
      ["down", "-q"],
    ]) {
      assert.deepEqual(await run(...args), { code: 0, stdout: "", stderr: "" })
    }
  })

  it("explains a command with an example", async () => {
    const { code, stdout } = await run("add", "client", "--help")
    assert.equal(code, 0)
    assert.match(stdout, /Usage: nsm add client .*<client>/)
    assert.match(stdout, /--quiet/)
    assert.match(stdout, /Example: nsm add client nsc-3 --node/)
  })

  it("lists no playgrounds where there are none", async () => {
    const { code, stdout } = await run("list", "-o", "json")
    assert.equal(code, 0)
    assert.deepEqual(JSON.parse(stdout), { schemaVersion: 1, playgrounds: [] })
  })

  it("removes nothing that is not a playground's", async () => {
    const kept = join(folder.path, "kept")
    await mkdir(kept, { recursive: true })
    await writeFile(join(kept, "file"), "")
    await run("down", "../kept")
    assert.ok(existsSync(join(kept, "file")))
  })

  it("ends without a word when nobody reads what it prints", async () => {
    const child = start(["completion", "bash"], false)
    const [, stderr] = await Promise.all([once(child, "close"), text(child.stderr)])
    assert.equal(stderr, "")
    assert.equal(child.exitCode, 0)
  })
})
