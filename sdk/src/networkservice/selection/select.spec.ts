import fc from "fast-check"
import assert from "node:assert/strict"
import { type Knowledge, noKnowledge, registrationOf } from "./knowledge.ts"
import { endpoint, question, weighing } from "./question.spec.data.ts"
import type { Question } from "./rules.ts"
import { select } from "./select.ts"

const eject = ({ endpoints }: Question, names: readonly string[]): Knowledge["ejected"] =>
  new Map(
    endpoints
      .filter(({ name }) => names.includes(name))
      .map((one, at) => [one.name, { until: at, registration: registrationOf(one) }]),
  )

/** Who is asked first, request after request. */
function firsts(asked: Question, knowledge: Knowledge, count: number): readonly string[] {
  let { turns } = knowledge
  return Array.from({ length: count }, () => {
    const selection = select(asked, { ...knowledge, turns })
    turns = selection.turns
    return selection.order[0]?.key ?? ""
  })
}

const order = (asked: Question, knowledge: Knowledge): string =>
  select(asked, knowledge)
    .order.map(({ key }) => key)
    .join(" ")

const count = (all: readonly string[], name: string): number =>
  all.filter((each) => each === name).length

describe("select", () => {
  const all = ["a", "b", "c", "d"]
  const plain = question(all.map((name) => endpoint(name)))

  it("takes one after the other where nothing is said about them", () => {
    assert.deepEqual(firsts(plain, noKnowledge, 6), ["a", "b", "c", "d", "a", "b"])
  })

  it("knows nobody where the rules allow nobody", () => {
    const none = question(plain.endpoints, { matches: [{ routes: [] }] })
    assert.deepEqual(select(none, noKnowledge).order, [])
  })

  it("gives each its share over many requests, by weights", () => {
    const weights = fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 6 })
    fc.assert(
      fc.property(weights, (some) => {
        const names = some.map((_, at) => `e${at}`)
        const asked = question(
          names.map((name) => endpoint(name, { name })),
          { matches: weighing(Object.fromEntries(names.map((name, at) => [name, some[at] ?? 0]))) },
        )
        const total = some.reduce((sum, weight) => sum + weight, 0)
        const taken = firsts(asked, noKnowledge, 3 * total)
        for (const [at, weight] of some.entries()) assert.equal(count(taken, `e${at}`), 3 * weight)
      }),
    )
  })

  it("asks who is ejected after all others, and whom the connection had at last", () => {
    const ejected = eject(plain, ["a", "c"])
    assert.equal(order(plain, { ...noKnowledge, ejected }), "b d a c")
    assert.equal(order(plain, { ...noKnowledge, ejected, former: new Set(["b"]) }), "d a c b")
    assert.equal(order(plain, { ...noKnowledge, former: new Set(["a"]) }), "b c d a")
  })

  it("takes at most half of the endpoints for ejected, those that are so the longest", () => {
    const ejected = eject(plain, all)
    assert.equal(order(plain, { ...noKnowledge, ejected }), "a b c d")
    const standing = select(plain, { ...noKnowledge, ejected }).order.map((one) => one.standing)
    assert.deepEqual(standing, ["healthy", "healthy", "ejected", "ejected"])
  })

  it("forgives who has registered anew", () => {
    const ejected = eject(plain, ["a"])
    const moved = plain.endpoints.map((one) =>
      one.name === "a" ? { ...one, url: "tcp://new" } : one,
    )
    assert.equal(order({ ...plain, endpoints: moved }, { ...noKnowledge, ejected }), "a b c d")
  })

  it("takes all in turn where nobody is healthy", () => {
    const [one] = plain.endpoints
    assert.ok(one)
    const matches = weighing({ a: 1, b: 1 })
    const asked = question(
      all.map((name) => endpoint(name, { name })),
      { matches },
    )
    const knowledge = { ...noKnowledge, ejected: eject(asked, ["a", "b"]) }
    assert.deepEqual(firsts(asked, knowledge, 4), ["a", "b", "a", "b"])
  })

  it("spills over as much as is missing, and tries the better ones next", () => {
    const leveled = question([
      ...["a", "b"].map((name) => endpoint(name)),
      ...["x", "y"].map((name) => endpoint(name, { priority: "1" })),
    ])
    const knowledge = { ...noKnowledge, ejected: eject(leveled, ["a"]) }
    const taken = firsts(leveled, knowledge, 100)
    assert.deepEqual(
      ["a", "b", "x", "y"].map((name) => count(taken, name)),
      [0, 70, 15, 15],
    )
    const spilled = ["x b y a", "y b x a"]
    let { turns } = knowledge
    for (let at = 0; at < 100; at++) {
      const selection = select(leveled, { ...knowledge, turns })
      turns = selection.turns
      const keys = selection.order.map(({ key }) => key).join(" ")
      if (selection.order[0]?.level === 1) assert.ok(spilled.includes(keys), keys)
    }
  })

  it("gives no turn to a level that gets nothing, though it is owed one from before", () => {
    const leveled = question([endpoint("a"), endpoint("x", { priority: "1" })])
    const turns = { levels: new Map([["1/", 1000]]), endpoints: new Map() }
    assert.equal(order(leveled, { ...noKnowledge, turns }), "a x")
  })

  it("orders everybody who is allowed once, healthy before ejected before former, whatever it knows", () => {
    const some = fc.record({
      priority: fc.integer({ min: -1, max: 2 }),
      isEjected: fc.boolean(),
      isFormer: fc.boolean(),
    })
    fc.assert(
      fc.property(fc.array(some, { maxLength: 12 }), fc.nat(40), (places, requests) => {
        const asked = question(
          places.map(({ priority }, at) => endpoint(`${at}`, { priority: `${priority}` })),
        )
        const named = (isIt: (one: (typeof places)[number]) => boolean): readonly string[] =>
          places.flatMap((one, at) => (isIt(one) ? [`${at}`] : []))
        const knowledge = {
          ...noKnowledge,
          ejected: eject(
            asked,
            named(({ isEjected }) => isEjected),
          ),
          former: new Set(named(({ isFormer }) => isFormer)),
        }
        let { turns } = knowledge
        for (let at = 0; at < requests; at++) turns = select(asked, { ...knowledge, turns }).turns
        const { order: chosen } = select(asked, { ...knowledge, turns })
        assert.deepEqual(
          chosen.map(({ key }) => key).toSorted(),
          asked.endpoints.map(({ name }) => name).toSorted(),
        )
        const standings = chosen.map(({ standing }) => standing)
        const sorted = ["healthy", "ejected", "former"].flatMap((one) =>
          standings.filter((each) => each === one),
        )
        assert.deepEqual(standings, sorted)
        assert.ok(standings.filter((one) => one === "ejected").length * 2 <= places.length)
        for (const owed of turns.endpoints.values()) assert.ok(Math.abs(owed) <= 2 * places.length)
      }),
    )
  })

  it("changes nothing that it is given", () => {
    const turns = { levels: new Map([["0/", 0]]), endpoints: new Map([["a", 5]]) }
    const first = select(plain, { ...noKnowledge, turns })
    assert.deepEqual(turns.endpoints, new Map([["a", 5]]))
    assert.deepEqual(select(plain, { ...noKnowledge, turns }), first)
  })
})
