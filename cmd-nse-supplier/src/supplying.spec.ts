import assert from "node:assert/strict"
import { unlessEnded } from "@nsm/sdk"
import { FakeClock, requestOf, testCall } from "@nsm/sdk/testing"
import { supplying } from "./supplying.ts"
import type { Wanted } from "./wanted.ts"

function world(supply: (wanted: Wanted) => Promise<string>, services = ["web"]) {
  const clock = new FakeClock()
  const asked: Wanted[] = []
  const service = supplying({
    services,
    supplies: {
      supply(wanted) {
        asked.push(wanted)
        return supply(wanted)
      },
    },
  })
  const request = (call: Partial<Parameters<typeof testCall>[0]> = {}) =>
    service.request(
      requestOf({ networkService: "web", labels: { nodeName: "node-1" } }),
      testCall({ clock, ...call }),
    )
  return { clock, asked, request }
}

const never = (): Promise<never> => new Promise(() => {})

describe("supplying", () => {
  it("tells the client to ask again once an endpoint is there for its service and node", async () => {
    const { asked, request } = world(async () => "web-1")
    await assert.rejects(request(), { reason: "ENDPOINT_STARTING", text: /^endpoint web-1 was/ })
    assert.deepEqual(asked, [{ service: "web", node: "node-1" }])
  })

  it("starts nothing for a network service that is not its own", async () => {
    const { asked, request } = world(async () => "web-1", ["dns", "mail"])
    await assert.rejects(request(), {
      reason: "ENDPOINT_NOT_FOUND",
      text: "endpoints of network service web are not started here, only those of dns, mail",
    })
    assert.deepEqual(asked, [])
  })

  it("answers before the caller's time is over", async () => {
    const { clock, request } = world(never)
    const refused = assert.rejects(request({ deadline: clock.now() + 5000 }), {
      reason: "ENDPOINT_STARTING",
      text: "an endpoint of network service web is being started",
    })
    await clock.advance(4500)
    await refused
    assert.equal(clock.pending, 0)
  })

  it("tells why none could be started", async () => {
    const { request } = world(() => Promise.reject(new Error("no shell")))
    await assert.rejects(request(), /no shell/)
  })

  it("ends with the call", async () => {
    const controller = new AbortController()
    const { request } = world(never)
    const refused = assert.rejects(request({ signal: controller.signal }), /enough/)
    controller.abort(new Error("enough"))
    await unlessEnded(AbortSignal.timeout(1000), refused)
  })
})
