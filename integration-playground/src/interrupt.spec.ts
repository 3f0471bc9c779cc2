import assert from "node:assert/strict"
import { readdir } from "node:fs/promises"
import { setTimeout as wait } from "node:timers/promises"
import { seededRandom } from "@nsm/sdk"
import { CommandLine, needsPlaygrounds } from "@nsm/integration-netns"

/** A demo takes about this long; moments are drawn from it. */
const demoMs = 4000
const seed = Number(process.env["LAB_SEED"] ?? 7)

describe("nsm demo, interrupted", function () {
  this.timeout(120_000)
  before(needsPlaygrounds())

  const random = seededRandom(seed)
  const moments = [0, 40, ...Array.from({ length: 4 }, () => random.integer(demoMs))]
  for (const ms of moments.toSorted((a, b) => a - b)) {
    it(`leaves nothing after Ctrl-C at ${ms} ms (seed ${seed})`, async () => {
      await using nsm = await CommandLine.open()
      const demo = nsm.start("demo")
      await wait(ms)
      demo.process.kill("SIGINT")
      const { code, signal, stderr } = await demo.outcome
      // Before Node has set its handlers up the signal itself ends it; late ones find it done.
      assert.ok(code === 130 || signal === "SIGINT" || code === 0, `${code} ${signal}: ${stderr}`)
      assert.deepEqual(await nsm.leftovers(), [])
    })
  }

  for (const ms of [random.integer(demoMs), random.integer(demoMs)]) {
    it(`has nothing running after SIGKILL at ${ms} ms, and the next run removes its files (seed ${seed})`, async () => {
      await using nsm = await CommandLine.open()
      const demo = nsm.start("demo")
      await wait(ms)
      demo.process.kill("SIGKILL")
      await demo.outcome
      for (let waited = 0; waited < 10_000 && (await nsm.processes()).length > 0; waited += 50)
        await wait(50)
      assert.deepEqual(await nsm.processes(), [])
      const { code, stderr } = await nsm.run("demo")
      assert.equal(code, 0, stderr)
      assert.deepEqual(await nsm.leftovers(), [])
    })
  }

  it("takes a playground that was killed away with the next command", async () => {
    await using nsm = await CommandLine.open()
    const { code, stderr } = await nsm.run("up")
    assert.equal(code, 0, stderr)
    // Whoever kills them all at once leaves nobody to clean up.
    for (const pid of (await nsm.processes()).toReversed()) killIfThere(pid)
    for (let waited = 0; waited < 10_000 && (await nsm.processes()).length > 0; waited += 50)
      await wait(50)
    assert.notDeepEqual(await readdir(nsm.directory, { recursive: true }), [])
    const again = await nsm.run("up")
    assert.equal(again.code, 0, again.stderr)
    assert.match(again.stderr, /removed what a killed playground "default" had left/)
    assert.equal((await nsm.run("down")).code, 0)
    assert.deepEqual(await nsm.leftovers(), [])
  })
})

function killIfThere(pid: number): void {
  try {
    process.kill(pid, "SIGKILL")
  } catch {
    // The end of process 1 of its namespace ended it.
  }
}
