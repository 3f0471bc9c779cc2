import assert from "node:assert/strict"
import { setImmediate } from "node:timers/promises"
import { slots } from "./slots.ts"

describe("slots", () => {
  it("are taken by so many at a time, first come first served", async () => {
    const places = slots(2)
    const ends: (() => void)[] = []
    const begun: number[] = []
    const work = async (one: number): Promise<void> => {
      using _ = await places.take()
      begun.push(one)
      await new Promise<void>((resolve) => {
        ends[one] = resolve
      })
    }
    const all = [0, 1, 2, 3].map(work)
    await setImmediate()
    assert.deepEqual(begun, [0, 1])
    ends[1]?.()
    await setImmediate()
    assert.deepEqual(begun, [0, 1, 2])
    ends[0]?.()
    ends[2]?.()
    await setImmediate()
    ends[3]?.()
    await Promise.all(all)
    assert.deepEqual(begun, [0, 1, 2, 3])
  })

  it("are free again when what was done in them fails", async () => {
    const places = slots(1)
    const failing = async (): Promise<void> => {
      using _ = await places.take()
      throw new Error("broken")
    }
    await assert.rejects(failing(), /broken/)
    using _ = await places.take()
  })
})
