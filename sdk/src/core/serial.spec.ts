import assert from "node:assert/strict"
import { setImmediate } from "node:timers/promises"
import { Serial } from "./serial.ts"

/** Work that says when it begins, and ends when told to. */
function work(log: string[], name: string) {
  const { promise, resolve, reject } = Promise.withResolvers<string>()
  const run = (): Promise<string> => {
    log.push(name)
    return promise
  }
  return { run, end: () => resolve(name), fail: () => reject(new Error(name)) }
}

describe("Serial", () => {
  it("begins at once where nothing runs", async () => {
    const log: string[] = []
    const one = work(log, "one")
    const running = new Serial().run("a", one.run)
    assert.deepEqual(log, ["one"])
    one.end()
    await running
  })

  it("runs one piece of work at a time per key, in the order in which they came", async () => {
    const serial = new Serial()
    const log: string[] = []
    const [one, two, three] = [work(log, "one"), work(log, "two"), work(log, "three")]
    const results = [one, two, three].map(({ run }) => serial.run("a", run))
    await setImmediate()
    assert.deepEqual(log, ["one"])
    one.end()
    await setImmediate()
    assert.deepEqual(log, ["one", "two"])
    two.end()
    three.end()
    assert.deepEqual(await Promise.all(results), ["one", "two", "three"])
  })

  it("lets keys run beside each other", async () => {
    const serial = new Serial()
    const log: string[] = []
    const [one, two] = [work(log, "one"), work(log, "two")]
    const both = [serial.run("a", one.run), serial.run("b", two.run)]
    assert.deepEqual(log, ["one", "two"])
    one.end()
    two.end()
    await Promise.all(both)
  })

  it("goes on after a failure", async () => {
    const serial = new Serial()
    const log: string[] = []
    const [one, two] = [work(log, "one"), work(log, "two")]
    const failing = serial.run("a", one.run)
    const next = serial.run("a", two.run)
    one.fail()
    two.end()
    await assert.rejects(failing, { message: "one" })
    assert.equal(await next, "two")
  })

  it("takes what throws at once as a failure", async () => {
    const thrown = new Serial().run("a", () => {
      throw new Error("at once")
    })
    await assert.rejects(thrown, { message: "at once" })
  })

  it("leaves out who gives up while waiting, and keeps the order of those behind", async () => {
    const serial = new Serial()
    const log: string[] = []
    const controller = new AbortController()
    const [one, two, three] = [work(log, "one"), work(log, "two"), work(log, "three")]
    const first = serial.run("a", one.run)
    const second = serial.run("a", two.run, controller.signal)
    const third = serial.run("a", three.run)
    controller.abort(new Error("given up"))
    await assert.rejects(second, { message: "given up" })
    await setImmediate()
    assert.deepEqual(log, ["one"], "the third did not wait for the first")
    one.end()
    three.end()
    await Promise.all([first, third])
    assert.deepEqual(log, ["one", "three"])
  })

  it("does not end work that runs", async () => {
    const serial = new Serial()
    const controller = new AbortController()
    const one = work([], "one")
    const running = serial.run("a", one.run, controller.signal)
    controller.abort(new Error("given up"))
    one.end()
    assert.equal(await running, "one")
  })

  it("forgets keys that have nothing left to do", async () => {
    const serial = new Serial()
    const all = Array.from({ length: 100 }, (_, at) => serial.run(`${at % 10}`, async () => at))
    assert.equal(serial.size, 10)
    await Promise.all(all)
    await setImmediate()
    assert.equal(serial.size, 0)
  })
})
