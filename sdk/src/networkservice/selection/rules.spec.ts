import assert from "node:assert/strict"
import { endpoint, type Matches, question, to, weighing } from "./question.spec.data.ts"
import { applyRules } from "./rules.ts"
import type { Labels } from "./selector.ts"

const blue = endpoint("blue", { color: "blue", name: "blue" })
const green = endpoint("green", { color: "green", name: "green" })

const ruled = (matches: Matches, labels: Labels = {}) =>
  applyRules(question([blue, green], { matches, labels }))

const weights = (matches: Matches) =>
  ruled(matches).allowed.map(({ endpoint: { name }, weight }) => [name, weight])

describe("applyRules", () => {
  it("says what became of each rule, and which label the client lacks", () => {
    const { rules, allowed } = ruled(
      [
        { sourceSelector: { tier: "gold" }, routes: [to({})] },
        { fallthrough: true, routes: [to({ color: "red" })] },
        { routes: [to({ color: "blue" })] },
        { routes: [to({})] },
      ],
      { tier: "tin" },
    )
    assert.deepEqual(
      rules.map(({ verdict }) => verdict),
      ["source-differs", "fell-through", "applied", "not-reached"],
    )
    assert.deepEqual(rules[0]?.misfit, { label: "tier", wanted: "gold", has: "tin" })
    assert.deepEqual(rules[2]?.refused, [
      { endpoint: "green", misfit: { label: "color", wanted: "blue", has: "green" } },
    ])
    assert.deepEqual(
      allowed.map((one) => one.endpoint.name),
      ["blue"],
    )
  })

  it("says that a rule decides that leads to nobody", () => {
    const { rules, allowed } = ruled([{ routes: [to({ color: "red" })] }, { routes: [to({})] }])
    assert.deepEqual(
      rules.map(({ verdict, refused }) => [verdict, refused.length]),
      [
        ["applied", 2],
        ["not-reached", 0],
      ],
    )
    assert.deepEqual(allowed, [])
  })

  it("lets a rule decide that leads to somebody, whether it says fallthrough or not", () => {
    const matches = [{ fallthrough: true, routes: [to({ color: "blue" })] }, { routes: [to({})] }]
    const { rules, allowed } = ruled(matches)
    assert.deepEqual(
      rules.map(({ verdict }) => verdict),
      ["applied", "not-reached"],
    )
    assert.equal(allowed.length, 1)
  })

  it("takes weights from routes, where none is one", () => {
    assert.deepEqual(weights(weighing({ blue: 3, green: 0 })), [
      ["blue", 3],
      ["green", 1],
    ])
    assert.deepEqual(weights([]), [
      ["blue", 1],
      ["green", 1],
    ])
  })

  it("adds the weights of routes that lead to the same endpoint", () => {
    const matches = [{ routes: [to({ color: "green" }, 2), to({}), to({ color: "blue" }, 4)] }]
    assert.deepEqual(weights(matches), [
      ["green", 3],
      ["blue", 5],
    ])
  })
})
