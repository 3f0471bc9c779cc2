import assert from "node:assert/strict"
import { bind, chain } from "../core/chain.ts"
import { NsmError } from "../core/errors.ts"
import { connectionOf } from "../networkservice/connection.ts"
import { grant } from "../networkservice/tail.ts"
import { testCall } from "./call.ts"
import { elementContract } from "./contract.ts"
import { requestOf } from "./messages.ts"
import { capture, failOn, hold, record } from "./probes.ts"

describe("record", () => {
  elementContract(() => record())

  it("remembers what comes by, in order, and only what was granted", async () => {
    const seen = record()
    const service = bind(chain("all", seen, failOn({ request: 2 })), grant)
    await service.request(requestOf({ id: "a" }), testCall())
    await assert.rejects(service.request(requestOf({ id: "b" }), testCall()))
    assert.deepEqual(
      seen.requests.map(({ message }) => connectionOf(message).id),
      ["a", "b"],
    )
    assert.deepEqual(
      seen.granted.map(({ id }) => id),
      ["a"],
    )
  })
})

describe("failOn", () => {
  elementContract(() => failOn({}))

  it("fails the calls that it was told to, with the error that it was given", async () => {
    const error = new NsmError("KERNEL_REFUSED", "no such device")
    const service = bind(failOn({ request: [1, 3], close: 2, error }), grant)
    const outcomes = []
    for (let at = 0; at < 4; at++) {
      outcomes.push(
        await service.request(requestOf(), testCall()).then(
          () => "ok",
          () => "failed",
        ),
      )
    }
    assert.deepEqual(outcomes, ["failed", "ok", "failed", "ok"])
    await service.close(connectionOf(requestOf()), testCall())
    await assert.rejects(service.close(connectionOf(requestOf()), testCall()), {
      reason: "KERNEL_REFUSED",
    })
  })
})

describe("capture", () => {
  elementContract(() => capture({}))

  it("hands messages over, and fails where the test does", async () => {
    const ids: string[] = []
    const service = bind(
      capture({
        request: (request) => ids.push(`request ${connectionOf(request).id}`),
        granted: ({ id }) => ids.push(`granted ${id}`),
        close: () => assert.fail("not to be closed"),
      }),
      grant,
    )
    const granted = await service.request(requestOf({ id: "a" }), testCall())
    assert.deepEqual(ids, ["request a", "granted a"])
    await assert.rejects(service.close(granted, testCall()), { text: "not to be closed" })
  })
})

describe("hold", () => {
  it("keeps calls until they are released, the longest waiting first", async () => {
    const gate = hold()
    const service = bind(gate, grant)
    const [a, b] = ["a", "b"].map((id) => service.request(requestOf({ id }), testCall()))
    assert.equal(gate.waiting, 2)
    gate.release()
    assert.equal((await a)?.id, "a")
    assert.equal(gate.waiting, 1)
    gate.open()
    assert.equal((await b)?.id, "b")
    await service.request(requestOf({ id: "c" }), testCall())
  })

  it("lets calls go that end", async () => {
    const gate = hold()
    const controller = new AbortController()
    const call = testCall({ signal: controller.signal })
    const waiting = bind(gate, grant).request(requestOf(), call)
    controller.abort(new NsmError("CANCELLED", "given up"))
    await assert.rejects(waiting, { reason: "CANCELLED" })
    assert.equal(gate.waiting, 0)
  })
})
