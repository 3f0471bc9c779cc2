import assert from "node:assert/strict"
import { mkdirSync } from "node:fs"
import { join } from "node:path"
import type { Suite } from "./fixture.ts"
import { changed, fails, goesOn, hook } from "./going-on.ts"
import { propagate } from "./propagate.ts"
import { release } from "./release.ts"

/** Holds pushes until two have come. */
function meet(one: Suite): void {
  const folder = join(one.path, "pushes")
  mkdirSync(folder)
  const others = `[ "$(ls ${folder} | wc -l)" -ge 2 ]`
  const once = `: > ${folder}/$$; for i in $(seq 400); do ${others} && exit 0; sleep 0.05; done`
  hook(one, "pre-receive", `${once}; echo "nobody else came" >&2; exit 1`)
}

/** How a promise that has settled ended. */
async function again(settled: PromiseSettledResult<unknown>): Promise<unknown> {
  if (settled.status === "rejected") throw settled.reason
  return settled.value
}

describe("two runs at once", function () {
  // Each case is some dozens of runs of git.
  this.timeout(120_000)

  it("releases once, and the other one says that it lost", async () => {
    using one = changed()
    const { forge } = one
    meet(one)
    const both = await Promise.allSettled([release({ forge }), release({ forge })])
    const [lost, ...more] = both.filter(({ status }) => status === "rejected")
    assert.ok(lost && more.length === 0)
    await fails(again(lost), "BRANCH_MOVED", /git push[^]*main/)
    hook(one, "pre-receive", "exit 0")
    await goesOn(one)
  })

  it("opens the same update once", async () => {
    using one = changed()
    const { forge } = one
    await release({ forge })
    meet(one)
    const both = await Promise.allSettled([propagate({ forge }), propagate({ forge })])
    for (const lost of both.filter(({ status }) => status === "rejected")) {
      await fails(again(lost), "BRANCH_MOVED", /git push[^]*update/)
    }
    hook(one, "pre-receive", "exit 0")
    await goesOn(one)
  })
})
