import assert from "node:assert/strict"
import { writeFile } from "node:fs/promises"
import { join } from "node:path"
import { setTimeout as wait } from "node:timers/promises"
import { CommandLine, needsPlaygrounds } from "@nsm/integration-netns"
import { succeeded } from "./succeeded.ts"

const oneNode = "nodes: [{ name: node-1 }]\n"

describe("nsm in unsteady hands", function () {
  this.timeout(120_000)
  before(needsPlaygrounds())

  it("brings two playgrounds up at the same time, and wants to know which one is meant", async () => {
    await using nsm = await CommandLine.open()
    const file = await topologyFile(nsm)
    const outcomes = await Promise.all(
      ["one", "two"].map((name) => nsm.run("up", "-n", name, "-f", file)),
    )
    outcomes.forEach(succeeded)
    assert.deepEqual(await names(nsm), ["one", "two"])
    const unsure = await nsm.run("status")
    assert.equal(unsure.code, 3)
    assert.match(unsure.stderr, /Name one that is up with -n: one, two/)
    succeeded(await nsm.run("down", "one"))
    assert.match(succeeded(await nsm.run("status")), /node-1/)
    assert.match(
      (await nsm.run("down")).stderr,
      /no playground "default" is up; those that are: two/,
    )
    assert.deepEqual(await names(nsm), ["two"])
    succeeded(await nsm.run("down", "two"))
  })

  it("lets only one of two commands bring up a playground of one name", async () => {
    await using nsm = await CommandLine.open()
    const file = await topologyFile(nsm)
    const outcomes = await Promise.all([nsm.run("up", "-f", file), nsm.run("up", "-f", file)])
    assert.deepEqual(new Set(outcomes.map(({ code }) => code)), new Set([0, 1]))
    assert.match(outcomes.map(({ stderr }) => stderr).join(""), /ADDRESS_IN_USE/)
    assert.match(succeeded(await nsm.run("status")), /node-1/)
    succeeded(await nsm.run("down"))
  })

  it("ends a playground that is still on its way up", async () => {
    await using nsm = await CommandLine.open()
    // One that never becomes ready keeps it on its way for as long as the test takes.
    const program = join(nsm.directory, "never-ready.mjs")
    await writeFile(program, "setInterval(() => {}, 60_000)\n")
    const file = join(nsm.directory, "topology.yaml")
    const endpoint = `{ name: nse-1, node: node-1, services: [echo], program: "${program}" }`
    await writeFile(file, `${oneNode}endpoints: [${endpoint}]\n`)
    const up = nsm.start("up", "-f", file)
    while ((await names(nsm)).length === 0) await wait(50)
    succeeded(await nsm.run("down"))
    assert.notEqual((await up.outcome).code, 0)
    assert.deepEqual(await nsm.leftovers(), [])
  })

  it("has nothing running after a command that brought a playground up was killed half-way", async () => {
    await using nsm = await CommandLine.open()
    const up = nsm.start("up")
    // The daemons' own processes are there: it is half-way.
    while ((await nsm.processes()).length < 6) await wait(20)
    up.process.kill("SIGKILL")
    assert.equal((await up.outcome).signal, "SIGKILL")
    for (let waited = 0; waited < 15_000 && (await nsm.processes()).length > 0; waited += 50)
      await wait(50)
    assert.deepEqual(await nsm.processes(), [])
    await nsm.run("up", "-f", await topologyFile(nsm)).then(succeeded)
    succeeded(await nsm.run("down"))
  })

  it("takes back what cannot be started, and says why", async () => {
    await using nsm = await CommandLine.open()
    succeeded(await nsm.run("up", "-f", await topologyFile(nsm)))
    const program = join(nsm.directory, "broken.mjs")
    await writeFile(program, 'throw new Error("not today")\n')
    const endpoint = ["add", "endpoint", "nse-1", "--node", "node-1", "--service", "echo"]
    const broken = await nsm.run(...endpoint, "--program", program)
    assert.equal(broken.code, 3)
    assert.match(broken.stderr, /nse-1 ended \(exit 1\)[\s\S]*not today/)
    assert.ok(!succeeded(await nsm.run("status")).includes("nse-1"))
    succeeded(await nsm.run(...endpoint))
    assert.ok(succeeded(await nsm.run("status")).includes("nse-1"))
    succeeded(await nsm.run("down"))
  })

  it("answers for a command as a shell does", async () => {
    await using nsm = await CommandLine.open()
    succeeded(await nsm.run("up", "-f", await topologyFile(nsm)))
    const missing = await nsm.run("exec", "node-1", join(nsm.directory, "nowhere"))
    assert.equal(missing.code, 127)
    assert.match(missing.stderr, /nowhere: No such file/)
    assert.equal((await nsm.run("exec", "node-1", "--", "sh", "-c", "kill -9 $$")).code, 128 + 9)
    assert.equal(succeeded(await nsm.run("exec", "node-1", "echo", "-n", "lab")), "lab")
    succeeded(await nsm.run("down"))
  })
})

async function topologyFile({ directory }: CommandLine): Promise<string> {
  const file = join(directory, "topology.yaml")
  await writeFile(file, oneNode)
  return file
}

async function names(nsm: CommandLine): Promise<readonly string[]> {
  const { stdout } = await nsm.run("list", "-o", "json")
  const { playgrounds } = JSON.parse(stdout) as { playgrounds: { name: string }[] }
  return playgrounds.map(({ name }) => name)
}
