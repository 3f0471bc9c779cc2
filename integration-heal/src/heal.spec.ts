import assert from "node:assert/strict"
import { needsPrivilege } from "@nsm/integration-netns"
import type { HealCase } from "./heal-case.ts"
import { healGroups } from "./heal-groups.ts"
import { runCase } from "./run-case.ts"
import { Scene } from "./scene.ts"

/** Other work of the machine must not decide; how long it really takes is the benchmark's to say. */
const leniency = 5

for (const { title, scene: options, cases } of healGroups) {
  describe(`wires while something happens to ${title}`, function () {
    this.timeout(120_000)
    let scene: Scene | undefined
    before(needsPrivilege)
    beforeEach(async () => {
      scene ??= await Scene.up(options)
    })
    // What a failure leaves would have the next case fail too.
    afterEach(async function () {
      if (this.currentTest?.isFailed()) await end().catch(() => undefined)
    })
    after(() => end())

    for (const healCase of cases) {
      it(`${healCase.title}: ${promiseOf(healCase)}`, async () => {
        assert.ok(scene)
        for (const { client, kind, outage, broken } of await runCase(scene, healCase)) {
          const where = `${client}, ${kind}: ${JSON.stringify(outage)}`
          assert.deepEqual(broken, [], where)
          const { backMs = Infinity, lost = Infinity } = healCase.target
          assert.ok(outage.backMs <= backMs * leniency, where)
          assert.ok(outage.lost <= lost, where)
        }
      })
    }

    async function end(): Promise<void> {
      const ended = scene
      scene = undefined
      await ended?.[Symbol.asyncDispose]()
    }
  })
}

function promiseOf({ target, expected }: HealCase): string {
  const back = target.lost === 0 ? "no packet is lost" : `packets flow again soon`
  return expected.addresses === "same" ? `${back}, addresses stay` : back
}
