import assert from "node:assert/strict"
import { create } from "@bufbuild/protobuf"
import {
  type Connection,
  ConnectionSchema,
  type Mechanism,
  MechanismSchema,
  NetworkServiceRequestSchema,
} from "@nsm/api"
import {
  bind,
  type Call,
  chain,
  connectionState,
  established,
  mechanismTranslation,
  type NetworkService,
  NsmError,
  silentLog,
  withCall,
} from "@nsm/sdk"
import { elementContract, FakeClock } from "@nsm/sdk/testing"
import type { Wire } from "../wiring/wire.ts"
import { crossConnect, type Wires } from "./cross-connect.ts"

describe("crossConnect", () => {
  const wires = { apply: async () => [], remove: async () => {} }
  elementContract(() => chain("both sides", crossConnect({ wires }), mechanismTranslation()), {
    request: () => request(),
    granted: async ({ connection }) => ({
      ...(connection ?? create(ConnectionSchema)),
      mechanism: kernel("nse-1"),
    }),
  })

  it("makes the wire that the two mechanisms ask for", async () => {
    const { service, applied } = forwarder()
    const granted = await calling((call) => service.request(request(), call))
    assert.deepEqual(
      applied.map(({ id, wire }) => [id, wire.kind, wire.ends.map(({ name }) => name)]),
      [["forwarder-0", "veth", ["nsm-1", "nse-1"]]],
    )
    assert.equal(granted.mechanism?.parameters["name"], "nsm-1")
  })

  it("closes the next hop when the first wire cannot be made", async () => {
    const { service, closed } = forwarder({
      apply: () => Promise.reject(new NsmError("KERNEL_REFUSED", "no")),
    })
    await assert.rejects(
      calling((call) => service.request(request(), call)),
      (error: unknown) =>
        error instanceof NsmError &&
        error.reason === "KERNEL_REFUSED" &&
        error.element === "cross-connect",
    )
    assert.deepEqual(closed, ["forwarder-0"])
  })

  it("keeps an established connection when its wire cannot be changed", async () => {
    const { service, closed } = forwarder({
      apply: () => Promise.reject(new NsmError("KERNEL_REFUSED", "no")),
    })
    await assert.rejects(
      calling((call) => service.request(request(), call.with(established, true))),
    )
    assert.deepEqual(closed, [])
  })

  it("makes no wire for a caller who has given up", async () => {
    const { service, applied, closed } = forwarder()
    const gone = AbortSignal.abort(new NsmError("CANCELLED", "the caller gave up"))
    await assert.rejects(
      calling((call) => service.request(request(), call.renewed({ signal: gone }))),
      /CANCELLED/,
    )
    assert.deepEqual([applied.length, closed], [0, ["forwarder-0"]])
  })

  it("refuses a next hop that chose no mechanism", async () => {
    const { service, closed } = forwarder({ outgoing: undefined })
    await assert.rejects(
      calling((call) => service.request(request(), call)),
      /MECHANISM_UNSUPPORTED.*next hop/,
    )
    assert.deepEqual(closed, ["forwarder-0"])
  })

  it("removes the wire and closes the next hop, even when one of the two fails", async () => {
    const { service, closed, removed } = forwarder({
      remove: () => Promise.reject(new NsmError("KERNEL_REFUSED", "busy")),
    })
    const granted = await calling((call) => service.request(request(), call))
    await assert.rejects(
      calling((call) => service.close(granted, call)),
      /KERNEL_REFUSED/,
    )
    assert.deepEqual([removed, closed], [["forwarder-0"], ["forwarder-0"]])
  })

  it("has nothing against a close without a request", async () => {
    const { service, removed } = forwarder()
    const unknown = create(ConnectionSchema, { id: "forwarder-9" })
    await calling((call) => service.close(unknown, call))
    assert.deepEqual(removed, ["forwarder-9"])
  })
})

interface Given extends Partial<Wires> {
  readonly outgoing?: Mechanism | undefined
}

function forwarder(given: Given = {}) {
  const applied: { id: string; wire: Wire }[] = []
  const removed: string[] = []
  const closed: string[] = []
  const outgoing = "outgoing" in given ? given.outgoing : kernel("nse-1")
  const wires: Wires = {
    async apply(id, wire) {
      applied.push({ id, wire })
      return (await given.apply?.(id, wire)) ?? []
    },
    async remove(id) {
      removed.push(id)
      await given.remove?.(id)
    },
  }
  const endpoint: NetworkService = {
    request: async ({ connection }) => ({
      ...(connection ?? create(ConnectionSchema)),
      mechanism: outgoing,
    }),
    close: async ({ id }) => void closed.push(id),
    async *monitorConnections() {},
  }
  const service = bind(
    chain("forwarder", connectionState(), crossConnect({ wires }), mechanismTranslation()),
    endpoint,
  )
  return { service, applied, removed, closed }
}

function request() {
  const connection: Connection = create(ConnectionSchema, {
    id: "forwarder-0",
    mechanism: kernel("nsm-1"),
    path: { pathSegments: [{ id: "nsc-0" }] },
  })
  return create(NetworkServiceRequestSchema, { connection })
}

function kernel(name: string): Mechanism {
  return create(MechanismSchema, {
    cls: "LOCAL",
    type: "KERNEL",
    parameters: { name, inodeURL: `file:///${name}` },
  })
}

function calling<T>(run: (call: Call) => Promise<T>): Promise<T> {
  return withCall({ clock: new FakeClock(), log: silentLog }, run)
}
