import assert from "node:assert/strict"
import { create } from "@bufbuild/protobuf"
import { ConnectionSchema, NetworkServiceRequestSchema } from "@nsm/api"
import { Registry } from "prom-client"
import { withCall } from "../core/call.ts"
import { bind, chain } from "../core/chain.ts"
import { sleep } from "../core/clock.ts"
import { NsmError } from "../core/errors.ts"
import { silentLog } from "../core/log.ts"
import { grant } from "../networkservice/tail.ts"
import { FakeClock } from "../testing/fake-clock.ts"
import { connectionMetrics } from "./connection-metrics.ts"
import { requestMetrics } from "./request-metrics.ts"

function fixture() {
  const clock = new FakeClock()
  const metrics = new Registry()
  const metered = chain("metered", requestMetrics(metrics), connectionMetrics(metrics))
  const service = bind(metered, {
    ...grant,
    async request({ connection = create(ConnectionSchema) }, call) {
      await sleep(call.clock, 20)
      if (connection.id === "bad") throw new NsmError("ADDRESSES_EXHAUSTED", "full")
      return connection
    },
  })
  const connection = (id: string, type = "KERNEL") =>
    create(ConnectionSchema, { id, mechanism: { type } })
  const run = async (work: Promise<unknown>): Promise<void> => {
    const done = work.catch(() => {})
    await clock.advance(20)
    await done
  }
  return {
    request: (id: string, type?: string) =>
      run(
        withCall({ clock, log: silentLog }, (call) =>
          service.request(
            create(NetworkServiceRequestSchema, { connection: connection(id, type) }),
            call,
          ),
        ),
      ),
    close: (id: string) =>
      run(withCall({ clock, log: silentLog }, (call) => service.close(connection(id), call))),
    text: () => metrics.metrics(),
  }
}

describe("requestMetrics", () => {
  it("counts requests by code and times them", async () => {
    const { request, text } = fixture()
    await request("a")
    await request("bad")
    const page = await text()
    assert.match(page, /^nsm_requests_total\{result="ok",code="OK"\} 1$/m)
    assert.match(page, /^nsm_requests_total\{result="error",code="RESOURCE_EXHAUSTED"\} 1$/m)
    assert.match(page, /^nsm_request_duration_seconds_bucket\{le="0.01"\} 0$/m)
    assert.match(page, /^nsm_request_duration_seconds_bucket\{le="0.025"\} 2$/m)
  })
})

describe("connectionMetrics", () => {
  it("counts connections by mechanism, however often they are refreshed or closed", async () => {
    const { request, close, text } = fixture()
    await request("a")
    await request("a")
    await request("b", "VXLAN")
    await request("bad")
    assert.match(await text(), /^nsm_connections\{mechanism="KERNEL"\} 1$/m)
    assert.match(await text(), /^nsm_connections\{mechanism="VXLAN"\} 1$/m)
    await close("a")
    await close("a")
    assert.match(await text(), /^nsm_connections\{mechanism="KERNEL"\} 0$/m)
  })

  it("follows a connection that changes its mechanism", async () => {
    const { request, text } = fixture()
    await request("a")
    await request("a", "VXLAN")
    assert.match(await text(), /^nsm_connections\{mechanism="KERNEL"\} 0$/m)
    assert.match(await text(), /^nsm_connections\{mechanism="VXLAN"\} 1$/m)
  })
})
