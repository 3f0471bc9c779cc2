import assert from "node:assert/strict"
import { bind } from "../core/chain.ts"
import { NsmError } from "../core/errors.ts"
import { testCall } from "../testing/call.ts"
import { FakeClock } from "../testing/fake-clock.ts"
import { requestOf } from "../testing/messages.ts"
import { failOn, record } from "../testing/probes.ts"
import { established } from "./common/begin/established.ts"
import { connectionOf } from "./connection.ts"
import { orClose } from "./or-close.ts"
import { grant } from "./tail.ts"

const failure = new NsmError("KERNEL_REFUSED", "no such device")
const fail = () => Promise.reject(failure)
const granted = connectionOf(requestOf())

describe("orClose", () => {
  it("gives what was made of the connection, and closes nothing", async () => {
    const seen = record()
    const applied = orClose(bind(seen, grant), testCall(), (it) => ({ ...it, payload: "IP" }))
    assert.equal((await applied(granted)).payload, "IP")
    assert.equal(seen.closes.length, 0)
  })

  it("closes what was granted when that fails, though the call is over", async () => {
    const clock = new FakeClock()
    const seen = record()
    const call = testCall({ clock, signal: AbortSignal.abort(), deadline: clock.now() })
    await assert.rejects(orClose(bind(seen, grant), call, fail)(granted), failure)
    assert.deepEqual(
      seen.closes.map(({ message }) => message),
      [granted],
    )
    assert.equal(seen.closes[0]?.call.deadline, clock.now() + 1000)
    assert.equal(clock.pending, 0)
  })

  it("does not close an established connection", async () => {
    const seen = record()
    const call = testCall().with(established, true)
    await assert.rejects(orClose(bind(seen, grant), call, fail)(granted), failure)
    assert.equal(seen.closes.length, 0)
  })

  it("keeps both failures when the close fails too", async () => {
    const closing = new NsmError("PEER_UNREACHABLE", "gone")
    const next = bind(failOn({ close: 1, error: closing }), grant)
    await assert.rejects(orClose(next, testCall(), fail)(granted), (error) => {
      assert.ok(error instanceof SuppressedError)
      assert.equal(error.suppressed, failure)
      assert.equal((error.error as NsmError).text, "gone")
      return true
    })
  })
})
