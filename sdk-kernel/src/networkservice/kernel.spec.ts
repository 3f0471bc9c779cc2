import assert from "node:assert/strict"
import { create } from "@bufbuild/protobuf"
import { type Connection, ConnectionSchema, NetworkServiceRequestSchema } from "@nsm/api"
import {
  bind,
  chain,
  established,
  formerVni,
  grant,
  NsmError,
  type Reason,
  silentLog,
  withCall,
} from "@nsm/sdk"
import { elementContract, FakeClock, record, requestOf } from "@nsm/sdk/testing"
import { type FoundInterface, kernel } from "./kernel.ts"

describe("kernel", () => {
  const parameters = { name: "nsm-1", inodeURL: "file:///there" }
  elementContract(() => kernel({ interfaces: { find: async () => undefined } }), {
    request: () => requestOf({ mechanism: { cls: "LOCAL", type: "KERNEL", parameters } }),
  })

  it("lets a free name in an existing namespace pass", async () => {
    const granted = await ask({ name: "nsm-1", inodeURL: "file:///there" })
    assert.equal(granted.mechanism?.parameters["name"], "nsm-1")
  })

  const refused: {
    title: string
    parameters: Record<string, string>
    reason: Reason
    text: RegExp
  }[] = [
    {
      title: "a missing name",
      parameters: { inodeURL: "file:///there" },
      reason: "INTERFACE_NAME_INVALID",
      text: /empty/,
    },
    {
      title: "a name of 16 characters",
      parameters: { name: "nsm-456789abcdef", inodeURL: "file:///there" },
      reason: "INTERFACE_NAME_INVALID",
      text: /16/,
    },
    {
      title: "a missing namespace",
      parameters: { name: "nsm-1" },
      reason: "NAMESPACE_NOT_FOUND",
      text: /inodeURL/,
    },
    {
      title: "a namespace that leads nowhere",
      parameters: { name: "nsm-1", inodeURL: "file:///gone" },
      reason: "NAMESPACE_NOT_FOUND",
      text: /gone/,
    },
    {
      title: "a name that another interface has",
      parameters: { name: "eth0", inodeURL: "file:///there" },
      reason: "INTERFACE_NAME_TAKEN",
      text: /"eth0"/,
    },
  ]
  for (const { title, parameters, reason, text } of refused) {
    it(`refuses ${title}`, async () => {
      await assert.rejects(
        ask(parameters),
        (error: unknown) =>
          error instanceof NsmError &&
          error.reason === reason &&
          text.test(error.text) &&
          error.element === "kernel",
      )
    })
  }

  it("takes a name over that an earlier forwarder left behind for this connection", async () => {
    await ask({ name: "stale", inodeURL: "file:///there" })
  })

  it("says which identifier the tunnel has that was left behind", async () => {
    const seen = record()
    await ask({ name: "stale", inodeURL: "file:///there" }, { seen })
    assert.equal(seen.requests[0]?.call.get(formerVni), 77)
  })

  it("does not look at the interface that an established connection has", async () => {
    await ask({ name: "eth0", inodeURL: "file:///there" }, { isEstablished: true })
  })
})

const there: Record<string, FoundInterface> = {
  eth0: { alias: undefined },
  stale: { alias: "server-nsc-0", vni: 77 },
}

async function ask(
  parameters: Record<string, string>,
  { isEstablished = false, seen = record() } = {},
): Promise<Connection> {
  const interfaces = {
    async find(namespace: string, name: string) {
      if (namespace === "file:///there") return there[name]
      throw new NsmError("NAMESPACE_NOT_FOUND", `open namespace ${namespace}: no such file`)
    },
  }
  const connection = create(ConnectionSchema, {
    id: "forwarder-0",
    mechanism: { cls: "LOCAL", type: "KERNEL", parameters },
    path: { pathSegments: [{ id: "nsc-0" }] },
  })
  const request = create(NetworkServiceRequestSchema, { connection })
  return withCall({ clock: new FakeClock(), log: silentLog }, (call) =>
    bind(chain("test", kernel({ interfaces }), seen), grant).request(
      request,
      call.with(established, isEstablished),
    ),
  )
}
