import fc from "fast-check"
import assert from "node:assert/strict"
import { noKnowledge } from "./knowledge.ts"
import { knownOf } from "./known.ts"
import { levelsOf } from "./levels.ts"
import { endpoint, question } from "./question.spec.data.ts"
import { applyRules } from "./rules.ts"
import type { Labels } from "./selector.ts"

interface Place {
  readonly labels: Record<string, string>
  readonly isUsable?: boolean
}

function levels(places: readonly Place[], labels: Labels = {}, locality: readonly string[] = []) {
  const endpoints = places.map((place, at) => endpoint(`${at}`, place.labels))
  const ruled = applyRules(question(endpoints, { labels }))
  const known = knownOf(ruled, noKnowledge)
  const usable = new Set(known.filter((_, at) => places[at]?.isUsable !== false))
  return levelsOf(ruled, { known, usable, locality })
}

const names = (all: ReturnType<typeof levels>) =>
  all.map(({ members }) => members.map(({ key }) => key).join(" "))

/** As many endpoints of a priority as are wanted, the first of them usable. */
const places = (priority: number, usable: number, all: number): readonly Place[] =>
  Array.from({ length: all }, (_, at) => ({
    ...{ labels: { priority: `${priority}` }, isUsable: at < usable },
  }))

describe("levelsOf", () => {
  it("makes one level where there are neither priorities nor localities", () => {
    const [only, ...others] = levels([{ labels: { nodeName: "a" } }, { labels: {} }])
    assert.deepEqual(others, [])
    assert.partialDeepStrictEqual(only, { priority: 0, usable: 1, weight: 100 })
  })

  it("sorts by priority, the lower first, and takes what is no number for 0", () => {
    const priorities = ["10", "-1", "9", "soon", "", "0", "1e3"]
    const all = levels(priorities.map((priority) => ({ labels: { priority } })))
    assert.deepEqual(names(all), ["1", "3 4 5 6", "2", "0"])
  })

  it("sorts by the nearest label that is the same, within a priority", () => {
    const all = levels(
      [
        { labels: {} },
        { labels: { zone: "z1", nodeName: "n2" } },
        { labels: { zone: "z1", nodeName: "n1" } },
        { labels: { zone: "z2", nodeName: "n3" } },
        { labels: { zone: "z1", nodeName: "n1", priority: "1" } },
      ],
      { nodeName: "n1", zone: "z1" },
      ["nodeName", "zone"],
    )
    assert.deepEqual(names(all), ["2", "1", "0 3", "4"])
    assert.deepEqual(
      all.map(({ shares }) => shares),
      ["nodeName", "zone", undefined, "nodeName"],
    )
  })

  it("takes nobody for near by a label that neither has", () => {
    assert.deepEqual(names(levels([{ labels: {} }, { labels: { zone: "z" } }], {}, ["zone"])), [
      "0 1",
    ])
  })

  const spills: readonly [what: string, all: readonly Place[], percents: readonly number[]][] = [
    ["nothing while all are usable", [...places(0, 4, 4), ...places(1, 4, 4)], [100, 0]],
    ["nothing while 3 of 4 are", [...places(0, 3, 4), ...places(1, 4, 4)], [100, 0]],
    ["30 % while 1 of 2 is", [...places(0, 1, 2), ...places(1, 2, 2)], [70, 30]],
    ["all where nobody is", [...places(0, 0, 2), ...places(1, 2, 2)], [0, 100]],
    [
      "no more than the next one bears",
      [...places(0, 1, 4), ...places(1, 1, 4), ...places(2, 4, 4)],
      [35, 35, 30],
    ],
    [
      "nothing where the next ones bear nothing",
      [...places(0, 1, 4), ...places(1, 0, 4)],
      [100, 0],
    ],
    ["by what they bear where all are short", [...places(0, 1, 4), ...places(1, 1, 4)], [50, 50]],
  ]
  for (const [what, all, percents] of spills) {
    it(`spills over ${what}`, () => {
      assert.deepEqual(
        levels(all).map(({ weight }) => weight),
        percents,
      )
    })
  }

  it("gives all requests to somebody, and none to whom nobody can use", () => {
    const place = fc.record({ priority: fc.integer({ min: 0, max: 4 }), isUsable: fc.boolean() })
    fc.assert(
      fc.property(fc.array(place, { minLength: 1, maxLength: 20 }), (some) => {
        const all = levels(
          some.map(({ priority, isUsable }) => ({ labels: { priority: `${priority}` }, isUsable })),
        )
        if (!some.some(({ isUsable }) => isUsable)) return
        assert.equal(
          all.reduce((sum, { weight }) => sum + weight, 0),
          100,
        )
        for (const { usable, weight } of all) if (usable === 0) assert.equal(weight, 0)
        const first = all.find(({ usable }) => usable > 0)
        assert.ok(first && first.weight > 0)
        if (first === all[0] && first.usable >= 0.72) assert.equal(first.weight, 100)
      }),
    )
  })
})
