import assert from "node:assert/strict"
import { timestampFromMs } from "@bufbuild/protobuf/wkt"
import { NsmError } from "../../core/errors.ts"
import { FakeClock } from "../../testing/fake-clock.ts"
import { EndpointSelection } from "./endpoint-selection.ts"
import { endpoint, question } from "./question.spec.data.ts"
import { applyRules } from "./rules.ts"
import { select } from "./select.ts"
import { readState, type SelectionState } from "./selection-state.ts"

describe("the state of a selection", () => {
  const [a, ...others] = ["a", "b", "c", "d"].map((name) => endpoint(name, { priority: "2" }))
  assert.ok(a)
  const asked = question([{ ...a, initialRegistrationTime: timestampFromMs(1) }, ...others])
  const ruled = applyRules(asked)
  const failure = new NsmError("PEER_UNREACHABLE", "gone")

  it("is for anybody to read", async () => {
    const clock = new FakeClock(Date.UTC(2026, 0, 1))
    const selection = new EndpointSelection({ clock, locality: ["nodeName"] })
    const chosen = selection.choose(ruled, new Set())
    const [first, second] = chosen.order
    assert.ok(first && second)
    for (let count = 0; count < 3; count++) {
      selection.learn({ selection: chosen, candidate: first, failure, tookMs: 0 })
    }
    selection.learn({ selection: chosen, candidate: second, failure, tookMs: 0 })
    assert.deepEqual(selection.state, {
      locality: ["nodeName"],
      endpoints: [
        {
          ...{ name: "a", service: "web", state: "ejected", failures: 3 },
          registration: { time: "1970-01-01T00:00:00.001Z", url: "tcp://a" },
          until: "2026-01-01T00:00:10.000Z",
        },
        {
          name: "b",
          service: "web",
          state: "healthy",
          failures: 1,
          registration: { time: "", url: "tcp://b" },
        },
      ],
      retryBudget: { left: 100, capacity: 100, percent: 20, perSecond: 10 },
      turns: [{ service: "web", levels: { "2/": 0 }, endpoints: { a: -3, b: 1, c: 1, d: 1 } }],
    })
    await clock.advance(10_000)
    assert.equal(selection.state.endpoints[0]?.state, "healthy")
  })

  it("tells who would be chosen, as it is then", () => {
    const selection = new EndpointSelection({ clock: new FakeClock() })
    for (let count = 0; count < 9; count++) {
      const text = JSON.stringify(selection.state)
      const foretold = select(asked, readState(JSON.parse(text) as SelectionState, "web"))
      const chosen = selection.choose(ruled, new Set())
      assert.deepEqual(
        foretold.order.map(({ key }) => key),
        chosen.order.map(({ key }) => key),
      )
      const [first] = chosen.order
      assert.ok(first)
      const failed = first.key === "a" ? { failure } : {}
      selection.learn({ selection: chosen, candidate: first, tookMs: 0, ...failed })
    }
    assert.equal(selection.state.endpoints[0]?.name, "a")
  })

  it("keeps services apart", () => {
    const clock = new FakeClock()
    const selection = new EndpointSelection({ clock })
    const chosen = selection.choose(ruled, new Set())
    const [candidate] = chosen.order
    assert.ok(candidate)
    for (let count = 0; count < 3; count++) {
      selection.learn({ selection: chosen, candidate, failure, tookMs: 0 })
    }
    assert.equal(readState(selection.state, "web").ejected.size, 1)
    assert.equal(readState(selection.state, "db").ejected.size, 0)
  })

  it("knows nothing of a service that nobody asked for", () => {
    const { state } = new EndpointSelection({ clock: new FakeClock() })
    const { ejected, turns } = readState(state, "web")
    assert.deepEqual([ejected.size, turns.levels.size, turns.endpoints.size], [0, 0, 0])
  })

  it("forgets turns of a service that nobody asks for any more", async () => {
    const clock = new FakeClock()
    const selection = new EndpointSelection({ clock })
    selection.choose(ruled, new Set())
    await clock.advance(3_600_000)
    assert.deepEqual(selection.state.turns, [])
  })
})
