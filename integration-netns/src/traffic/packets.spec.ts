import assert from "node:assert/strict"
import { flowsSince, outageOf, type Packet } from "./packets.ts"

/** Packets every 10 ms from 1000 on, each answered 1 ms later where the text has a dot. */
function packets(text: string): readonly Packet[] {
  return text.split("").map((mark, index) => {
    const sentAt = 1000 + index * 10
    return mark === "." ? { sentAt, answeredAt: sentAt + 1 } : { sentAt }
  })
}

describe("what a disturbance did to packets", () => {
  it("is nothing when all were answered", () => {
    const outage = { sent: 5, lost: 0, longestGapMs: 10, backMs: 0 }
    assert.deepEqual(outageOf(packets("....."), 1020), outage)
  })

  it("ends with the first reply after the last loss", () => {
    const outage = { sent: 9, lost: 3, longestGapMs: 30, backMs: 51 }
    assert.deepEqual(outageOf(packets("..xx.x..."), 1010), outage)
  })

  it("does not end when nothing comes back", () => {
    assert.equal(outageOf(packets("..xxx"), 1010).backMs, Infinity)
  })

  it("goes on while packets wait in the kernel, though they are answered at last", () => {
    const late = packets(".....").map(({ sentAt }) => ({ sentAt, answeredAt: sentAt + 900 }))
    const flowing = { sentAt: 1940, answeredAt: 1941 }
    const { lost, backMs } = outageOf([...late, flowing], 1000)
    assert.deepEqual({ lost, backMs }, { lost: 0, backMs: 941 })
  })

  it("has nothing to do with what was lost before", () => {
    const { lost, backMs } = outageOf(packets(".x..."), 1015)
    assert.deepEqual({ lost, backMs }, { lost: 1, backMs: 0 })
  })

  it("counts a time without any reply from the first request to the last", () => {
    assert.equal(outageOf(packets("xxxx."), 1000).longestGapMs, 40)
    assert.equal(outageOf(packets(".xxx"), 1000).longestGapMs, 29)
  })
})

describe("packets flow", () => {
  for (const [text, flows] of [
    ["xx....", true],
    ["xx....x", true],
    ["xx....xxxx", false],
    ["xx...", false],
    ["..x..", false],
    ["", false],
  ] as const) {
    it(`${flows ? "after" : "not yet after"} "${text}"`, () => {
      assert.equal(flowsSince(packets(text), 1000, 4), flows)
    })
  }

  it("only when they were sent since", () => {
    assert.equal(flowsSince(packets("......"), 1015, 4), true)
    assert.equal(flowsSince(packets("......"), 1025, 4), false)
  })
})
