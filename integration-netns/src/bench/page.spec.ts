import assert from "node:assert/strict"
import { page } from "./page.ts"

describe("page of the benchmarks", () => {
  it("says where and how the numbers were taken, and the numbers", () => {
    const text = page({
      date: "2026-01-02T03:04:05.000Z",
      machine: { cpu: "A Chip", cores: 4, arch: "x64", kernel: "6.1", node: "v24.0.0" },
      stolen: 0.0123,
      seconds: 7,
      rows: [{ name: "one thing", measured: "by hand", value: 3, unit: "ms" }],
    })
    for (const part of [
      /2026-01-02, in 7 s: A Chip, 4 cores/,
      /1\.2 %/,
      /\| one thing \| by hand/,
    ]) {
      assert.match(text, part)
    }
  })
})
