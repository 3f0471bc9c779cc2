import assert from "node:assert/strict"
import { type NetworkServiceRequest, State } from "@nsm/api"
import { bind, chain } from "../../../core/chain.ts"
import { NsmError } from "../../../core/errors.ts"
import { seededRandom } from "../../../core/random.ts"
import { testCall } from "../../../testing/call.ts"
import { elementContract } from "../../../testing/contract.ts"
import { FakeClock } from "../../../testing/fake-clock.ts"
import { requestOf } from "../../../testing/messages.ts"
import { failOn, hold, record } from "../../../testing/probes.ts"
import { connectionOf } from "../../connection.ts"
import { grant } from "../../tail.ts"
import { begin } from "../begin/begin.ts"
import { publish } from "../monitor/publish.ts"
import { heal } from "./heal.ts"
import type { Liveness } from "./liveness.ts"
import type { HealCause, Healed } from "./observer.ts"

interface WorldInit {
  readonly liveness?: Liveness
  readonly fails?: Parameters<typeof failOn>[0]
  readonly seed?: number
  /** Whether each request waits for the test. @default false */
  readonly isHeld?: boolean
}

/** A client that has a connection to the endpoint `nse-1`. */
function world({ liveness, fails = {}, seed = 1, isHeld = false }: WorldInit = {}) {
  const clock = new FakeClock()
  const ending = new AbortController()
  const seen = record()
  const gate = hold()
  if (!isHeld) gate.open()
  const healed: (readonly [string, HealCause] | Healed)[] = []
  const healing = heal({
    random: seededRandom(seed),
    liveness,
    signal: ending.signal,
    observers: [
      {
        began: (id, cause) => void healed.push([id, cause]),
        ended: (_, one) => void healed.push(one),
      },
    ],
  })
  const first = begin({ merges: true, signal: ending.signal })
  const service = bind(chain("client", first, healing, seen, gate, failOn(fails)), grant)
  const asked = requestOf({ networkServiceEndpointName: "nse-1" })
  const request = (): Promise<unknown> => service.request(asked, testCall({ clock }))
  const close = (): Promise<void> => service.close(connectionOf(asked), testCall({ clock }))
  const tell = async (state: State): Promise<void> => {
    const { call, message } = seen.requests.at(-1) ?? assert.fail("nothing was requested")
    call.get(publish)(connectionOf(message).id, { state })
    await clock.advance(0)
  }
  const count = (): readonly number[] => [seen.requests.length, seen.closes.length]
  return { clock, ending, seen, gate, healed, request, close, tell, count }
}

/** A wire that a test keeps alive or lets die. */
function wire(...answers: readonly boolean[]) {
  const left = [...answers]
  let looks = 0
  const liveness: Liveness = async () => {
    looks++
    return left.length > 1 ? (left.shift() ?? true) : (left[0] ?? true)
  }
  return { liveness, looks: () => looks }
}

const endpointOf = (message: NetworkServiceRequest | undefined): string | undefined =>
  message?.connection?.networkServiceEndpointName

const { DOWN, REFRESH_REQUESTED, RESELECT_REQUESTED, UP } = State

describe("heal", () => {
  elementContract(() => chain("begin and heal", begin(), heal({ random: seededRandom(1) })))

  it("restores a connection that a hop has lost while its wire lives", async () => {
    const { request, tell, seen, healed, count } = world({ liveness: wire(true).liveness })
    await request()
    await tell(DOWN)
    assert.deepEqual(count(), [2, 0])
    assert.equal(endpointOf(seen.requests.at(-1)?.message), "nse-1")
    const cause = "control-plane"
    assert.deepEqual(healed, [["client-1", cause], { cause, result: "restored", ms: 0 }])
  })

  it("selects anew when the wire is dead, and the endpoint free to be another one", async () => {
    const { request, tell, seen, healed, count } = world({ liveness: wire(false).liveness })
    await request()
    await tell(DOWN)
    assert.deepEqual(count(), [2, 1])
    const { message } = seen.requests.at(-1) ?? {}
    assert.equal(endpointOf(message), "")
    assert.equal(message?.connection?.state, RESELECT_REQUESTED)
    assert.deepEqual(healed.at(-1), { cause: "control-plane", result: "reselected", ms: 0 })
  })

  it("does not give up what a request brought back that stood in line before", async () => {
    const { request, tell, healed, count } = world({ liveness: wire(false, true).liveness })
    await request()
    const refreshed = request()
    await tell(DOWN)
    await refreshed
    assert.deepEqual(count(), [2, 0])
    const cause = "control-plane"
    assert.deepEqual(healed.at(-1), { cause, result: "restored", ms: 0 })
  })

  it("looks again before it gives up what was brought back, if a hop says that it is lost", async () => {
    const { liveness } = wire(false, true)
    const { clock, request, tell, gate, healed, count } = world({ liveness, isHeld: true })
    const first = request()
    await clock.advance(0)
    gate.release()
    await first
    const refreshed = request()
    await clock.advance(0)
    await tell(DOWN)
    await tell(DOWN)
    gate.open()
    await refreshed
    await clock.advance(100)
    assert.deepEqual(count(), [3, 0])
    assert.equal((healed.at(-1) as Healed).result, "restored")
  })

  it("selects anew when nobody can tell whether the wire lives", async () => {
    const { request, tell, count } = world()
    await request()
    await tell(DOWN)
    assert.deepEqual(count(), [2, 1])
  })

  it("leaves alone what is up", async () => {
    const { request, tell, count } = world()
    await request()
    await tell(UP)
    assert.deepEqual(count(), [1, 0])
  })

  it("mends a dead wire by a plain request, with the same endpoint", async () => {
    const { clock, request, seen, healed, count } = world({
      liveness: wire(true, false, true).liveness,
    })
    await request()
    await clock.advance(400)
    assert.deepEqual(count(), [2, 0])
    assert.equal(endpointOf(seen.requests.at(-1)?.message), "nse-1")
    const { cause, result } = healed.at(-1) as Healed
    assert.deepEqual([cause, result], ["data-plane", "restored"])
  })

  it("selects anew when a plain request does not mend the wire", async () => {
    const { clock, request, healed, count } = world({
      liveness: wire(true, false, false, true).liveness,
    })
    await request()
    await clock.advance(400)
    assert.deepEqual(count(), [3, 1])
    const { cause, result } = healed.at(-1) as Healed
    assert.deepEqual([cause, result], ["data-plane", "reselected"])
  })

  it("looks at the wire every 200 ms, less a tenth by chance, for as long as it lives", async () => {
    const { liveness, looks } = wire(true)
    const { clock, request, close, count } = world({ liveness })
    await request()
    await clock.advance(60_000)
    assert.ok(looks() >= 300 && looks() <= 334, `${looks()} looks`)
    assert.deepEqual(count(), [1, 0])
    await close()
    const before = looks()
    await clock.advance(60_000)
    assert.equal(looks(), before)
    assert.equal(clock.pending, 0)
  })

  it("does not leave an endpoint again and again that answers no echo", async () => {
    const { clock, request, count } = world({ liveness: wire(false).liveness })
    await request()
    await clock.advance(1_800_000)
    const [, closes = 0] = count()
    assert.ok(closes >= 20 && closes <= 70, `selected anew ${closes} times in half an hour`)
  })

  it("does not count a look that cannot be made", async () => {
    const liveness = () => Promise.reject(new NsmError("PRIVILEGE_MISSING", "no socket"))
    const { clock, request, count } = world({ liveness })
    await request()
    await clock.advance(2000)
    assert.deepEqual(count(), [1, 0])
  })

  it("restores what a hop has lost, and goes on healing, while no look can be made", async () => {
    const liveness = () => Promise.reject(new NsmError("KERNEL_REFUSED", "no socket"))
    const { clock, request, tell, healed, count } = world({ liveness, fails: { request: [2] } })
    await request()
    await tell(DOWN)
    await clock.advance(1000)
    assert.deepEqual(count(), [3, 0])
    assert.equal((healed.at(-1) as Healed).result, "restored")
  })

  it("refreshes when hops ask for it, at once and then once a second, however often they do", async () => {
    const { clock, request, close, tell, count, healed } = world()
    await request()
    await tell(REFRESH_REQUESTED)
    assert.deepEqual(count(), [2, 0])
    for (let at = 0; at < 10_000; at += 10) {
      await tell(REFRESH_REQUESTED)
      await clock.advance(10)
    }
    const [asked = 0] = count()
    assert.ok(asked >= 11 && asked <= 13, `${asked} requests`)
    await clock.advance(60_000)
    assert.ok((count()[0] ?? 0) <= asked + 1, `${count()[0]} requests`)
    assert.deepEqual(healed, [])
    await tell(REFRESH_REQUESTED)
    await close()
    await clock.advance(0)
    assert.equal(clock.pending, 0)
  })

  it("selects anew when a hop asks for it, though the wire lives", async () => {
    const { request, tell, count, healed } = world({ liveness: wire(true).liveness })
    await request()
    await tell(RESELECT_REQUESTED)
    assert.deepEqual(count(), [2, 1])
    assert.deepEqual(healed.at(-1), { cause: "requested", result: "reselected", ms: 0 })
  })

  describe("that does not succeed at once", () => {
    const always = { request: Array.from({ length: 1000 }, (_, at) => at + 2) }

    it("goes on until it does, having closed only once", async () => {
      const { clock, request, tell, healed, count } = world({ fails: { request: [2, 3, 4] } })
      await request()
      await tell(DOWN)
      await clock.advance(1000)
      assert.deepEqual(count(), [5, 1])
      const { result, ms } = healed.at(-1) as Healed
      assert.equal(result, "reselected")
      assert.ok(ms >= 99 && ms <= 299, `after ${ms} ms`)
    })

    it("gives up restoring once the wire dies", async () => {
      const { liveness } = wire(true, true, false, true)
      const { clock, request, tell, seen } = world({ liveness, fails: { request: [2, 3] } })
      await request()
      await tell(DOWN)
      await clock.advance(1000)
      const states = seen.requests.map(({ message }) => message.connection?.state)
      assert.deepEqual(states, [UP, UP, UP, RESELECT_REQUESTED])
    })

    it("neither floods nor sleeps: it tries again about a third later than it has been lost", async () => {
      const { clock, request, tell, count } = world({ fails: always })
      await request()
      await tell(DOWN)
      const start = clock.now()
      let [tries = 0] = count()
      let lastAt = start
      for (let at = 0; at < 120_000; at += 10) {
        await clock.advance(10)
        if (count()[0] === tries) continue
        tries = count()[0] ?? 0
        const lost = lastAt - start
        const pause = clock.now() - lastAt
        assert.ok(pause <= Math.max(200, (lost * 2) / 3), `a pause of ${pause} ms after ${lost} ms`)
        lastAt = clock.now()
      }
      assert.ok(tries >= 20 && tries <= 60, `${tries} requests in two minutes`)
    })

    it("does not flood when it is lost again as soon as it is back", async () => {
      const { clock, request, tell, count } = world({ liveness: wire(true).liveness })
      await request()
      for (let at = 0; at < 60_000; at += 10) {
        await tell(DOWN)
        await clock.advance(10)
      }
      const [requests = 0] = count()
      assert.ok(requests >= 10 && requests <= 60, `${requests} requests in a minute`)
      await clock.advance(60_000)
      const [before = 0] = count()
      await tell(DOWN)
      assert.equal(count()[0], before + 1, "what was up for a minute had to wait")
    })

    it("does not come back at the same instant as others", async () => {
      const times = new Set<number>()
      for (let seed = 0; seed < 20; seed++) {
        const { clock, request, tell, healed } = world({ seed, fails: { request: [2] } })
        await request()
        await tell(DOWN)
        await clock.advance(1000)
        times.add((healed.at(-1) as Healed).ms)
      }
      assert.ok(times.size > 10, `${times.size} different times`)
    })

    it("is one healing, whatever else is noticed meanwhile", async () => {
      const { clock, request, tell, healed } = world({ fails: { request: [2, 3] } })
      await request()
      await tell(DOWN)
      await tell(DOWN)
      await tell(RESELECT_REQUESTED)
      await clock.advance(1000)
      assert.equal(healed.length, 2)
    })

    it("goes on when what was just being restored is lost again before it is granted", async () => {
      const { liveness } = wire(true)
      const { clock, request, tell, gate, healed, count } = world({ liveness, isHeld: true })
      const first = request()
      await clock.advance(0)
      gate.release()
      await first
      await tell(DOWN)
      await clock.advance(0)
      await tell(DOWN)
      gate.open()
      await clock.advance(1000)
      assert.deepEqual(count(), [3, 0])
      assert.deepEqual([healed.length, (healed.at(-1) as Healed).result], [2, "restored"])
    })

    it("keeps what it has mended when a hop says only meanwhile that it was lost", async () => {
      const { liveness } = wire(true, false, true)
      const { clock, request, tell, gate, healed, count } = world({ liveness, isHeld: true })
      const first = request()
      await clock.advance(0)
      gate.release()
      await first
      await clock.advance(400)
      assert.deepEqual(count(), [2, 0])
      await tell(DOWN)
      gate.open()
      await clock.advance(100)
      assert.deepEqual(count(), [3, 0])
      assert.equal((healed.at(-1) as Healed).result, "restored")
    })

    it("begins with the first grant when the connection is lost before that gets here", async () => {
      const { liveness } = wire(true, true)
      const { clock, request, tell, gate, healed, count } = world({ liveness, isHeld: true })
      const first = request()
      await clock.advance(0)
      await tell(DOWN)
      gate.open()
      await first
      await clock.advance(0)
      assert.deepEqual(count(), [2, 0])
      assert.deepEqual([healed.length, (healed.at(-1) as Healed).result], [2, "restored"])
    })

    it("ends when the client closes the connection", async () => {
      const { clock, request, close, tell, healed } = world({
        fails: always,
        liveness: wire(true).liveness,
      })
      await request()
      await tell(DOWN)
      await close()
      await clock.advance(10_000)
      assert.equal((healed.at(-1) as Healed).result, "closed")
      assert.equal(clock.pending, 0)
    })

    it("ends when the client closes what has been let go of already", async () => {
      const { clock, request, close, tell, healed } = world({ fails: always })
      await request()
      await tell(DOWN)
      await close()
      await clock.advance(10_000)
      assert.equal((healed.at(-1) as Healed).result, "closed")
      assert.equal(clock.pending, 0)
    })

    it("leaves its successor under the same id alone", async () => {
      const { clock, request, close, tell, count } = world({ fails: { request: 2 } })
      await request()
      await tell(DOWN)
      await close()
      await request()
      await clock.advance(10_000)
      assert.deepEqual(count(), [3, 1])
      await tell(DOWN)
      assert.deepEqual(count(), [4, 2])
    })

    it("ends with the chain", async () => {
      const { clock, ending, request, tell, count } = world({ fails: always })
      await request()
      await tell(DOWN)
      ending.abort(new NsmError("SHUTTING_DOWN", "the client is ending"))
      await clock.advance(0)
      const before = count()
      await clock.advance(10_000)
      assert.deepEqual(count(), before)
      assert.equal(clock.pending, 0)
    })
  })
})
