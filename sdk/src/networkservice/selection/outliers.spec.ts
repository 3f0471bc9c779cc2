import fc from "fast-check"
import assert from "node:assert/strict"
import { timestampFromMs } from "@bufbuild/protobuf/wkt"
import { FakeClock } from "../../testing/fake-clock.ts"
import { Outliers } from "./outliers.ts"
import { endpoint } from "./question.spec.data.ts"

const all = ["a", "b", "c", "d"].map((name) => endpoint(name))
const [a = endpoint("a")] = all

function world() {
  const clock = new FakeClock()
  const outliers = new Outliers({ clock })
  const ejected = (): string => [...outliers.ejected("web").keys()].join(" ")
  const fail = (one = a, times = 1, among = all): boolean[] =>
    Array.from({ length: times }, () => outliers.failed("web", one, among))
  return { clock, outliers, ejected, fail }
}

describe("Outliers", () => {
  it("eject who fails three times in a row, for ten seconds", async () => {
    const { clock, ejected, fail } = world()
    assert.deepEqual(fail(a, 3), [false, false, true])
    assert.equal(ejected(), "a")
    await clock.advance(9999)
    assert.equal(ejected(), "a")
    await clock.advance(1)
    assert.equal(ejected(), "")
  })

  it("eject for twice as long with each failure after that, up to five minutes", async () => {
    const { clock, outliers, fail } = world()
    fail(a, 3)
    const spans: number[] = []
    for (let time = 0; time < 8; time++) {
      const { until = 0 } = outliers.ejected("web").get("a") ?? {}
      spans.push((until - clock.now()) / 1000)
      await clock.advance(until - clock.now())
      assert.deepEqual(fail(a), [true], "it is ejected after its first failure")
    }
    assert.deepEqual(spans, [10, 20, 40, 80, 160, 300, 300, 300])
  })

  it("do not eject for longer who fails while it is ejected", () => {
    const { outliers, fail } = world()
    fail(a, 3)
    const before = outliers.ejected("web").get("a")?.until
    assert.deepEqual(fail(a, 5), [false, false, false, false, false])
    assert.equal(outliers.ejected("web").get("a")?.until, before)
  })

  it("forgive all that was with one success", async () => {
    const { clock, outliers, ejected, fail } = world()
    fail(a, 3)
    await clock.advance(10_000)
    fail(a)
    outliers.succeeded("web", a)
    assert.equal(ejected(), "")
    assert.deepEqual(fail(a, 3), [false, false, true])
    assert.equal(outliers.ejected("web").get("a")?.until, clock.now() + 10_000)
  })

  it("forgive who has registered anew, at another address or at another time", () => {
    const { outliers, fail } = world()
    fail(a, 3)
    const later = { ...a, initialRegistrationTime: timestampFromMs(1) }
    assert.deepEqual(fail(later, 2), [false, false])
    assert.equal(outliers.all[0]?.failures, 2)
    assert.deepEqual(fail({ ...a, url: "tcp://elsewhere" }, 2), [false, false])
  })

  it("keep a service's half", () => {
    const { ejected, fail } = world()
    for (const one of all) fail(one, 4)
    assert.equal(ejected(), "a b")
    const alone = world()
    assert.deepEqual(alone.fail(a, 4, [a]), [false, false, false, false])
  })

  it("judge each service by itself", () => {
    const { outliers, fail, ejected } = world()
    fail(a, 2)
    outliers.failed("db", a, all)
    assert.equal(ejected(), "")
    fail(a)
    assert.deepEqual([ejected(), outliers.ejected("db").size], ["a", 0])
  })

  it("forget who was not asked for long", async () => {
    const { clock, outliers, fail } = world()
    fail(a, 2)
    await clock.advance(300_000)
    assert.deepEqual(outliers.all, [])
    assert.deepEqual(fail(a), [false])
  })

  it("never eject more than half, nor anybody who answers, whatever happens", async () => {
    const step = fc.record({
      at: fc.nat(all.length - 1),
      what: fc.constantFrom("fail", "fail", "fail", "succeed"),
      waitMs: fc.constantFrom(0, 0, 1000, 30_000),
    })
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 60 }), async (steps) => {
        const { clock, outliers, fail } = world()
        for (const { at, what, waitMs } of steps) {
          const one = all[at]
          assert.ok(one)
          if (what === "fail") fail(one)
          else outliers.succeeded("web", one)
          const ejected = outliers.ejected("web")
          assert.ok(ejected.size <= 2)
          if (what === "succeed") assert.ok(!ejected.has(one.name))
          for (const { until } of ejected.values()) assert.ok(until <= clock.now() + 300_000)
          if (waitMs > 0) await clock.advance(waitMs)
        }
      }),
      { numRuns: 30 },
    )
  })
})
