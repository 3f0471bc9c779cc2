import assert from "node:assert/strict"
import { parseDuration } from "./duration.ts"

describe("parseDuration", () => {
  const durations: readonly [string, number | undefined][] = [
    ["0", 0],
    ["750ms", 750],
    ["10m", 600_000],
    ["1h30m", 5_400_000],
    ["1.5s", 1500],
    [".5s", 500],
    ["2us", 0.002],
    ["2µs", 0.002],
    ["-1m", -60_000],
    ["+1s", 1000],
    ["", undefined],
    ["5", undefined],
    ["5 s", undefined],
    ["5sec", undefined],
    ["s", undefined],
    [".s", undefined],
    ["1h-30m", undefined],
    ["1d", undefined],
  ]
  for (const [text, ms] of durations) {
    it(`reads ${JSON.stringify(text)} as ${ms === undefined ? "no duration" : `${ms} ms`}`, () => {
      assert.equal(parseDuration(text), ms)
    })
  }
})
