import assert from "node:assert/strict"
import { type Knowledge, noKnowledge, registrationOf } from "./knowledge.ts"
import { endpoint, type Matches, question, to } from "./question.spec.data.ts"
import { select } from "./select.ts"
import { endpointVerdicts, type EndpointVerdict } from "./verdicts.ts"

const near = endpoint("near", { nodeName: "n1" })
const near2 = endpoint("near-2", { nodeName: "n1" })
const far = endpoint("far", { nodeName: "n2" })
const spare = endpoint("spare", { nodeName: "n2", priority: "1" })
const all = [near, near2, far, spare]

const ejected = (names: readonly string[]): Knowledge["ejected"] =>
  new Map(
    all.flatMap((one) =>
      names.includes(one.name) ? [[one.name, { until: 7, registration: registrationOf(one) }]] : [],
    ),
  )

function verdicts(knowledge: Partial<Knowledge>, matches: Matches = [], endpoints = all) {
  const asked = question(endpoints, { matches, labels: { nodeName: "n1" } })
  return endpointVerdicts(select(asked, { ...noKnowledge, locality: ["nodeName"], ...knowledge }))
}

const whys = (some: readonly EndpointVerdict[]) => some.map(({ name, why }) => `${name} ${why}`)

describe("endpointVerdicts", () => {
  it("say why the first is first, and why the others are not", () => {
    assert.deepEqual(whys(verdicts({})), [
      "near turn",
      "near-2 later-turn",
      "far farther",
      "spare priority",
    ])
  })

  it("have place, level and weight of candidates", () => {
    const { place, level, weight } = verdicts({})[3] ?? {}
    assert.deepEqual([place, level, weight], [4, 3, 1])
  })

  it("say until when somebody is ejected, and whom the connection had", () => {
    const some = verdicts({ ejected: ejected(["near"]), former: new Set(["near-2"]) })
    assert.deepEqual(whys(some), ["far turn", "spare priority", "near ejected", "near-2 former"])
    assert.equal(some[2]?.until, 7)
    assert.equal(some[0]?.until, undefined)
  })

  it("say that a request has spilled over, and past whom", () => {
    const turns = { levels: new Map([["0/", 100]]), endpoints: new Map() }
    const some = verdicts({ ejected: ejected(["near"]), turns })
    assert.deepEqual(whys(some), [
      "far spill-over",
      "near-2 before",
      "spare priority",
      "near ejected",
    ])
  })

  it("say that somebody is chosen because nobody is better", () => {
    assert.deepEqual(whys(verdicts({ former: new Set(["near"]) }, [], [near])), [
      "near last-resort",
    ])
  })

  it("say of those that no rule leads to which label each route missed", () => {
    const matches = [
      { fallthrough: true, routes: [to({ zone: "z" })] },
      { routes: [to({ nodeName: "{{.nodeName}}" })] },
    ]
    const last = verdicts({}, matches).find(({ name }) => name === "far")
    assert.equal(last?.why, "not-allowed")
    assert.equal(last.place, undefined)
    assert.deepEqual(last.refusals, [
      { rule: 1, misfit: { label: "zone", wanted: "z" } },
      { rule: 2, misfit: { label: "nodeName", wanted: "n1", has: "n2" } },
    ])
  })

  it("say that no rule is for this client", () => {
    const some = verdicts({}, [{ sourceSelector: { a: "b" }, routes: [to({})] }])
    assert.ok(some.every(({ why, refusals }) => why === "not-allowed" && refusals?.length === 0))
  })
})
