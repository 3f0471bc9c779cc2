import assert from "node:assert/strict"
import { silentLog } from "../core/log.ts"
import { FakeClock } from "../testing/fake-clock.ts"
import { Resources } from "./resources.ts"

function fixture() {
  const clock = new FakeClock()
  const logged: object[] = []
  const log = { ...silentLog, error: (_: string, fields: object = {}) => void logged.push(fields) }
  const ended: string[] = []
  const resources = new Resources({ clock, log })
  const keep = (name: string, end: () => Promise<void> = () => Promise.resolve()): void =>
    resources.defer(name, async () => {
      await end()
      ended.push(name)
    })
  return { clock, resources, ended, logged, keep }
}

describe("Resources", () => {
  it("ends what was started last first", async () => {
    const { resources, ended, keep } = fixture()
    keep("transport")
    resources.use("listener", { [Symbol.dispose]: () => void ended.push("listener") })
    assert.equal(await resources.end(1000), true)
    assert.deepEqual(ended, ["listener", "transport"])
  })

  it("goes on after a failure and tells of it", async () => {
    const { resources, ended, keep, logged } = fixture()
    keep("transport")
    keep("listener", () => Promise.reject(new Error("stuck")))
    assert.equal(await resources.end(1000), false)
    assert.deepEqual(ended, ["transport"])
    assert.partialDeepStrictEqual(logged, [{ what: "listener" }])
  })

  it("gives what hangs half of the time that is left, and the rest its turn", async () => {
    const { clock, resources, ended, keep } = fixture()
    keep("transport")
    keep("listener", () => new Promise(() => {}))
    const end = resources.end(1000)
    await clock.advance(499)
    assert.deepEqual(ended, [])
    await clock.advance(1)
    assert.deepEqual(ended, ["transport"])
    assert.equal(await end, false)
    assert.equal(clock.pending, 0)
  })
})
