import assert from "node:assert/strict"
import { NsmError } from "../../core/errors.ts"
import { type Change, Watcher } from "./watcher.ts"

interface Entry {
  readonly name: string
  readonly version: number
}

describe("Watcher", () => {
  const entry = (name: string, version = 0): Entry => ({ name, version })
  const next = async (changes: AsyncGenerator<Change<Entry>>): Promise<Change<Entry>> => {
    const result = await changes.next()
    assert.ok(!result.done)
    return result.value
  }
  const told = async (watcher: Watcher<Entry>, count: number) => {
    const changes = watcher.changes(new AbortController().signal)
    const list: string[] = []
    while (list.length < count) {
      const { entry: each, deleted } = await next(changes)
      list.push(`${deleted ? "-" : "+"}${each.name}${each.version}`)
    }
    return list
  }

  it("tells changes in the order in which they came", async () => {
    const watcher = new Watcher<Entry>()
    for (const name of ["a", "b", "c"]) watcher.put(entry(name), true)
    watcher.put(entry("x"), false)
    watcher.remove(entry("y"))
    assert.deepEqual(await told(watcher, 5), ["+a0", "+b0", "+c0", "+x0", "-y0"])
  })

  it("tells only the latest state of an entry", async () => {
    const watcher = new Watcher<Entry>()
    for (let version = 0; version < 1000; version++) watcher.put(entry("a", version), version === 0)
    watcher.put(entry("b"), true)
    assert.deepEqual(await told(watcher, 2), ["+a999", "+b0"])
  })

  it("says nothing of what came and went while nobody read", async () => {
    const watcher = new Watcher<Entry>()
    for (let at = 0; at < 1000; at++) {
      watcher.put(entry(`short-lived-${at}`), true)
      watcher.put(entry(`short-lived-${at}`, 1), false)
      watcher.remove(entry(`short-lived-${at}`))
    }
    watcher.put(entry("last"), true)
    assert.deepEqual(await told(watcher, 1), ["+last0"])
  })

  it("tells that a known entry went and came back as a change", async () => {
    const watcher = new Watcher<Entry>()
    watcher.remove(entry("a"))
    watcher.put(entry("a", 1), true)
    assert.deepEqual(await told(watcher, 1), ["+a1"])
    watcher.remove(entry("b"))
    watcher.put(entry("b", 1), true)
    watcher.remove(entry("b", 1))
    assert.deepEqual(await told(watcher, 1), ["-b1"])
  })

  it("tells of changes that come while it is being read", async () => {
    const watcher = new Watcher<Entry>()
    const changes = watcher.changes(new AbortController().signal)
    const first = next(changes)
    watcher.put(entry("a"), true)
    assert.equal((await first).entry.name, "a")
    watcher.put(entry("b"), true)
    assert.equal((await next(changes)).entry.name, "b")
  })

  it("ends with the signal's reason, waiting or not", async () => {
    const controller = new AbortController()
    const watcher = new Watcher<Entry>()
    const waiting = watcher.changes(controller.signal).next()
    const enough = new NsmError("CANCELLED", "enough")
    controller.abort(enough)
    await assert.rejects(waiting, enough)
    await assert.rejects(watcher.changes(controller.signal).next(), enough)
  })
})
