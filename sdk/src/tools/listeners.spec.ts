import assert from "node:assert/strict"
import { Listeners } from "./listeners.ts"

describe("Listeners", () => {
  it("hear what is told, until they are disposed", () => {
    const listeners = new Listeners<string>()
    const heard: string[] = []
    const listen = (news: string): void => void heard.push(news)
    using _one = listeners.add(listen)
    {
      using _two = listeners.add(listen)
      listeners.tell("a")
    }
    listeners.tell("b")
    assert.deepEqual(heard, ["a", "a", "b"])
  })

  it("that leave while they are told do not keep others from hearing it", () => {
    const listeners = new Listeners()
    let heard = 0
    const leaving = listeners.add(() => leaving[Symbol.dispose]())
    using _staying = listeners.add(() => (heard += 1))
    listeners.tell()
    assert.equal(heard, 1)
  })
})
