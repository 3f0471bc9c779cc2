import assert from "node:assert/strict"
import type { MessageInitShape } from "@bufbuild/protobuf"
import { create } from "@bufbuild/protobuf"
import {
  type ConnectionSchema,
  MechanismSchema,
  type NetworkServiceRequest,
  NetworkServiceRequestSchema,
} from "@nsm/api"
import { bind, chain, element, type Element, outline } from "../../core/chain.ts"
import { causes, NsmError } from "../../core/errors.ts"
import { testCall } from "../../testing/call.ts"
import { elementContract } from "../../testing/contract.ts"
import { requestAtHop } from "../../testing/messages.ts"
import { failOn, record } from "../../testing/probes.ts"
import type { NetworkService } from "../service.ts"
import { grant } from "../tail.ts"
import { mechanisms } from "./mechanisms.ts"

const request = (
  preferences: readonly string[],
  connection: MessageInitShape<typeof ConnectionSchema> = {},
): NetworkServiceRequest =>
  create(NetworkServiceRequestSchema, {
    connection: { id: "c", networkService: "s", ...connection },
    mechanismPreferences: preferences.map((type) => ({ cls: "LOCAL", type })),
  })

const through = (...elements: Element<NetworkService>[]): NetworkService =>
  bind(chain("test", ...elements), grant)

const nothing = element<NetworkService>("nothing", () => ({}))

describe("mechanisms", () => {
  elementContract(() => mechanisms({ KERNEL: nothing }), {
    request: () => ({
      ...requestAtHop("hop"),
      mechanismPreferences: [create(MechanismSchema, { cls: "LOCAL", type: "KERNEL" })],
    }),
  })

  it("takes the first preference that is supported", async () => {
    const service = through(mechanisms({ KERNEL: nothing, MEMIF: nothing }))
    const granted = await service.request(request(["VFIO", "MEMIF", "KERNEL"]), testCall())
    assert.equal(granted.mechanism?.type, "MEMIF")
    assert.equal(granted.mechanism.cls, "LOCAL")
  })

  it("stays with the mechanism that is chosen, whatever is preferred", async () => {
    const [kernel, memif] = [record(), record()]
    const service = through(mechanisms({ KERNEL: kernel, MEMIF: memif }))
    const mechanism = { type: "KERNEL", parameters: { name: "nsm-1" } }
    const granted = await service.request(request(["MEMIF"], { mechanism }), testCall())
    assert.equal(granted.mechanism?.parameters["name"], "nsm-1")
    assert.deepEqual([kernel.requests.length, memif.requests.length], [1, 0])
  })

  it("goes on to the next preference where one fails", async () => {
    const service = through(mechanisms({ KERNEL: failOn({ request: 1 }), MEMIF: nothing }))
    const granted = await service.request(request(["KERNEL", "MEMIF"]), testCall())
    assert.equal(granted.mechanism?.type, "MEMIF")
  })

  it("passes the failure of the only mechanism on as it is", async () => {
    const error = new NsmError("KERNEL_REFUSED", "no", { hop: "other" })
    const service = through(mechanisms({ KERNEL: failOn({ request: 1, error }) }))
    await assert.rejects(service.request(request(["KERNEL", "VFIO"]), testCall()), error)
  })

  it("tells all failures where several mechanisms failed", async () => {
    const [first, second] = ["first", "second"].map((text) => new NsmError("KERNEL_REFUSED", text))
    const service = through(
      mechanisms({
        KERNEL: failOn({ request: 1, ...(first && { error: first }) }),
        MEMIF: failOn({ request: 1, ...(second && { error: second }) }),
      }),
    )
    await assert.rejects(service.request(request(["KERNEL", "MEMIF"]), testCall()), (error) => {
      assert.ok(error instanceof NsmError)
      assert.equal(error.reason, "ALL_MECHANISMS_FAILED")
      assert.match(error.text, /KERNEL, MEMIF/)
      assert.deepEqual(
        causes(error).map((cause) => NsmError.from(cause).text),
        ["first", "second"],
      )
      return true
    })
  })

  const unsupported: readonly (readonly [
    title: string,
    request: NetworkServiceRequest,
    text: string,
  ])[] = [
    [
      "a chosen mechanism that it does not have",
      request(["KERNEL"], { mechanism: { type: "QUANTUM" } }),
      "mechanism QUANTUM is not supported; supported here: KERNEL, MEMIF",
    ],
    [
      "preferences that it does not have",
      request(["VFIO", "kernel"]),
      "mechanism VFIO, kernel is not supported; supported here: KERNEL, MEMIF",
    ],
    ["no preferences", request([]), "no mechanism was offered; supported here: KERNEL, MEMIF"],
  ]
  for (const [title, asked, text] of unsupported) {
    it(`rejects ${title}, listing those it has`, async () => {
      const service = through(mechanisms({ KERNEL: nothing, MEMIF: nothing }))
      const expected = { reason: "MECHANISM_UNSUPPORTED", text, element: "mechanisms" }
      await assert.rejects(service.request(asked, testCall()), expected)
    })
  }

  it("closes by way of the connection's mechanism", async () => {
    const [kernel, memif, behind] = [record(), record(), record()]
    const service = through(mechanisms({ KERNEL: kernel, MEMIF: memif }), behind)
    const granted = await service.request(request(["KERNEL"]), testCall())
    await service.close(granted, testCall())
    assert.deepEqual(
      [kernel, memif, behind].map((seen) => seen.closes.length),
      [1, 0, 1],
    )
  })

  it("passes a close on where it does not know the mechanism", async () => {
    const behind = record()
    const service = through(mechanisms({ KERNEL: nothing }), behind)
    const { connection } = request([], { mechanism: { type: "VFIO" } })
    assert.ok(connection)
    await service.close(connection, testCall())
    assert.equal(behind.closes.length, 1)
  })

  it("notes in its own path segment which interface it gave, once", async () => {
    const service = through(mechanisms({ KERNEL: nothing }))
    const asked = { ...requestAtHop("hop"), ...request(["KERNEL"]) }
    const mechanism = create(MechanismSchema, { type: "KERNEL", parameters: { name: "nsm-1" } })
    const { connection } = requestAtHop("hop")
    assert.ok(connection)
    const granted = await service.request(
      { ...asked, connection: { ...connection, mechanism } },
      testCall(),
    )
    const metrics = granted.path?.pathSegments.map((segment) => segment.metrics)
    assert.deepEqual(metrics, [{}, { server_interface: "KERNEL/nsm-1" }])
    const renamed = { ...mechanism, parameters: { name: "nsm-2" } }
    const again = await service.request(
      { ...asked, connection: { ...granted, mechanism: renamed } },
      testCall(),
    )
    assert.equal(again.path?.pathSegments[1]?.metrics["server_interface"], "KERNEL/nsm-1")
  })

  it("notes an interface without a name as unknown", async () => {
    const { connection } = requestAtHop("hop")
    assert.ok(connection)
    const mechanism = create(MechanismSchema, { type: "VXLAN" })
    const granted = await through(mechanisms({ VXLAN: nothing })).request(
      { ...request([]), connection: { ...connection, mechanism } },
      testCall(),
    )
    assert.equal(granted.path?.pathSegments[1]?.metrics["server_interface"], "VXLAN/unknown")
  })

  it("shows its branches in the outline", () => {
    const made = mechanisms({ KERNEL: nothing, VXLAN: chain("vxlan", nothing) })
    assert.equal(outline(made), "mechanisms\n  nothing\n  vxlan\n    nothing")
  })
})
