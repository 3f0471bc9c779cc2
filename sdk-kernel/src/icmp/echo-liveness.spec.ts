import assert from "node:assert/strict"
import { create, type MessageInitShape } from "@bufbuild/protobuf"
import {
  type Connection,
  type ConnectionContextSchema,
  ConnectionSchema,
  type MechanismSchema,
} from "@nsm/api"
import { type Clock, systemClock, systemRandom } from "@nsm/sdk"
import { createVethPair } from "../interfaces/veth-pair.ts"
import { Addresses } from "../links/addresses.ts"
import { Links } from "../links/links.ts"
import { createNamespace } from "../namespace/create-namespace.ts"
import type { NetworkNamespace } from "../namespace/network-namespace.ts"
import { requirePrivilege } from "../testing/require-privilege.ts"
import { checkEcho, echoLiveness } from "./echo-liveness.ts"

describe("echoLiveness", () => {
  let client: NetworkNamespace
  let endpoint: NetworkNamespace

  before(function () {
    requirePrivilege(this)
  })

  beforeEach(async () => {
    client = createNamespace()
    endpoint = createNamespace()
    await createVethPair(
      { namespace: client, name: "nsm-1", addresses: ["192.0.2.1/24", "2001:db8::1/64"] },
      { namespace: endpoint, name: "nse-1", addresses: ["192.0.2.2/24", "2001:db8::2/64"] },
    )
  })

  afterEach(() => {
    client?.[Symbol.dispose]()
    endpoint?.[Symbol.dispose]()
  })

  const looks = (changes: Changes = {}, how: Look = {}): Promise<boolean> => {
    const { timeoutMs = 100, clock = systemClock, isSuspect = false } = how
    const liveness = echoLiveness({ namespaceUrl: client.url, timeoutMs, random: systemRandom })
    const { signal } = new AbortController()
    return liveness(connection(changes), { clock, signal, isSuspect })
  }

  it("finds a wire alive whose endpoint answers over both families", async () => {
    assert.equal(await looks({}, { timeoutMs: 60_000 }), true)
  })

  it("finds it dead when the endpoint's side is down", async () => {
    await new Links(endpoint).delete("nse-1")
    assert.equal(await looks(), false)
  })

  it("judges sooner where the connection is known to be lost, with as long for each answer", async () => {
    const waits = async (isSuspect: boolean): Promise<number[]> => {
      const waited: number[] = []
      const schedule = (ms: number, run: () => void): Disposable => {
        waited.push(ms)
        return systemClock.schedule(0, run)
      }
      const ipContext = { srcIpAddrs: ["192.0.2.1/32"], dstIpAddrs: ["192.0.2.9/32"] }
      const how = { timeoutMs: 400, clock: { ...systemClock, schedule }, isSuspect }
      assert.equal(await looks({ context: { ipContext } }, how), false)
      return waited
    }
    assert.deepEqual(await waits(false), [100, 100, 100, 100])
    assert.deepEqual(await waits(true), [50, 50, 50, 100])
  })

  it("finds it dead when one family does not pass", async () => {
    new Addresses(endpoint).delete(new Links(endpoint).get("nse-1"), "2001:db8::2/64")
    assert.equal(await looks(), false)
  })

  it("finds it dead when an address is not the client's", async () => {
    const ipContext = { srcIpAddrs: ["192.0.2.7/32"], dstIpAddrs: ["192.0.2.2/32"] }
    assert.equal(await looks({ context: { ipContext } }, { timeoutMs: 60_000 }), false)
  })

  it("takes a wire without addresses for alive, and one over another mechanism", async () => {
    assert.equal(await looks({ context: {} }), true)
    assert.equal(await looks({ mechanism: { type: "MEMIF" } }), true)
  })

  it("checks that echoes can be sent", () => {
    checkEcho(client.url)
    assert.throws(() => checkEcho("file:///nowhere"), { reason: "NAMESPACE_NOT_FOUND" })
  })
})

interface Look {
  readonly timeoutMs?: number
  readonly clock?: Clock
  readonly isSuspect?: boolean
}

interface Changes {
  readonly context?: MessageInitShape<typeof ConnectionContextSchema>
  readonly mechanism?: MessageInitShape<typeof MechanismSchema>
}

function connection(changes: Changes): Connection {
  return create(ConnectionSchema, {
    id: "nsc-0",
    mechanism: { cls: "LOCAL", type: "KERNEL" },
    context: {
      ipContext: {
        srcIpAddrs: ["192.0.2.1/32", "2001:db8::1/128"],
        dstIpAddrs: ["192.0.2.2/32", "2001:db8::2/128"],
      },
    },
    ...changes,
  })
}
