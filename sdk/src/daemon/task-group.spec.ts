import assert from "node:assert/strict"
import { silentLog } from "../core/log.ts"
import { sleep } from "../core/clock.ts"
import { FakeClock } from "../testing/fake-clock.ts"
import { TaskGroup } from "./task-group.ts"

describe("TaskGroup", () => {
  it("ends work through its signal and waits for it", async () => {
    const clock = new FakeClock()
    const steps: string[] = []
    const tasks = new TaskGroup({ log: silentLog })
    tasks.run("nap", async (signal) => {
      await sleep(clock, 1000, signal).catch(() => steps.push("woken"))
      await sleep(clock, 1)
      steps.push("tidied")
    })
    const ended = tasks[Symbol.asyncDispose]().then(() => steps.push("ended"))
    await clock.advance(1)
    await ended
    assert.deepEqual(steps, ["woken", "tidied", "ended"])
  })

  it("logs a failure and lets the other work be", async () => {
    const logged: object[] = []
    const log = {
      ...silentLog,
      error: (_: string, fields: object = {}) => void logged.push(fields),
    }
    const tasks = new TaskGroup({ log })
    tasks.run("bad", () => Promise.reject(new Error("no")))
    let isDone = false
    tasks.run("good", async () => void (isDone = true))
    await tasks.idle()
    assert.ok(isDone)
    assert.partialDeepStrictEqual(logged, [{ task: "bad" }])
  })
})
