import assert from "node:assert/strict"
import { execFileSync } from "node:child_process"
import fc from "fast-check"
import { AF_INET, AF_INET6 } from "../ffi/libc.ts"
import { createVethPair } from "../interfaces/veth-pair.ts"
import { Addresses } from "../links/addresses.ts"
import { Links } from "../links/links.ts"
import { createNamespace } from "../namespace/create-namespace.ts"
import type { NetworkNamespace } from "../namespace/network-namespace.ts"
import { requirePrivilege } from "../testing/require-privilege.ts"
import { checksum, decodeEchoReply, encodeEchoRequest, withoutIpHeader } from "./echo-packet.ts"
import { echo } from "./echo.ts"

describe("echo packets", () => {
  it("have a checksum that makes the whole add up to nothing", () => {
    fc.assert(
      fc.property(fc.uint8Array(), fc.integer({ min: 0, max: 0xffff }), (data, identifier) => {
        const bytes = encodeEchoRequest(AF_INET, { identifier, sequence: 3, data })
        assert.equal(checksum(bytes), 0)
      }),
    )
  })

  it("are told apart from other messages behind a header of any length", () => {
    const reply = Uint8Array.of(0, 0, 0, 0, 0x12, 0x34, 0, 7, 9)
    const header = new Uint8Array(24)
    header[0] = 0x46
    const packet = Uint8Array.of(...header, ...reply)
    const expected = { identifier: 0x1234, sequence: 7, data: Uint8Array.of(9) }
    assert.deepEqual(decodeEchoReply(AF_INET, withoutIpHeader(packet)), expected)
    packet[24] = 3
    assert.equal(decodeEchoReply(AF_INET, withoutIpHeader(packet)), undefined)
    assert.deepEqual(decodeEchoReply(AF_INET6, Uint8Array.of(129, ...reply.slice(1))), expected)
  })
})

describe("echo", () => {
  let one: NetworkNamespace
  let two: NetworkNamespace

  before(async function () {
    requirePrivilege(this)
    one = createNamespace()
    two = createNamespace()
    await createVethPair(
      { namespace: one, name: "one", addresses: ["192.0.2.1/24", "2001:db8::1/64"] },
      { namespace: two, name: "two", addresses: ["192.0.2.2/24", "2001:db8::2/64"] },
    )
  })

  after(() => {
    one?.[Symbol.dispose]()
    two?.[Symbol.dispose]()
  })

  for (const [source, destination] of [
    ["192.0.2.1", "192.0.2.2"],
    ["2001:db8::1", "2001:db8::2"],
  ] as const) {
    it(`measures the way to ${destination} and back`, async () => {
      const result = await echo({ namespace: one, source, destination, count: 4, intervalMs: 1 })
      assert.partialDeepStrictEqual(result, { sent: 4, received: 4, failure: undefined })
      assert.equal(result.rttMs.length, 4)
      for (const rtt of result.rttMs) assert.ok(rtt > 0 && rtt < 500, `${rtt} ms`)
    })
  }

  it("keeps runs at the same time apart", async () => {
    const runs = Array.from({ length: 8 }, () =>
      echo({ namespace: one, destination: "192.0.2.2", count: 3, intervalMs: 1 }),
    )
    for (const { received } of await Promise.all(runs)) assert.equal(received, 3)
  })

  it("loses what nobody answers", async () => {
    const result = await echo({ namespace: one, destination: "192.0.2.9", timeoutMs: 20 })
    assert.deepEqual(result, { sent: 1, received: 0, rttMs: [], failure: undefined })
  })

  it("counts a reply that came in time while this process was busy", async () => {
    const attempt = echo({ namespace: one, destination: "192.0.2.3", timeoutMs: 2000 })
    new Addresses(two).add(new Links(two).get("two"), "192.0.2.3/24")
    // The kernel asks again after a second who has the address, and only then sends the request.
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 2100)
    assert.equal((await attempt).received, 1)
  })

  it("stops as soon as there are enough replies", async () => {
    const options = { namespace: one, destination: "192.0.2.2", count: 9, intervalMs: 60_000 }
    const { sent, received } = await echo({ ...options, enough: 1 })
    assert.deepEqual([sent, received], [1, 1])
  })

  it("says why nothing can be sent", async () => {
    const { failure, ...result } = await echo({ namespace: one, destination: "203.0.113.1" })
    assert.deepEqual(result, { sent: 0, received: 0, rttMs: [] })
    assert.match(`${failure?.message}`, /ping 203\.0\.113\.1 in a new namespace: ENETUNREACH/)
  })

  it("refuses a source address that the namespace does not have", async () => {
    const attempt = echo({ namespace: one, destination: "192.0.2.2", source: "192.0.2.7" })
    await assert.rejects(attempt, {
      reason: "KERNEL_REFUSED",
      message: /from 192\.0\.2\.7: EADDRNOTA/,
    })
  })

  it("gives up with the signal", async () => {
    const stop = new AbortController()
    const attempt = echo({ namespace: one, destination: "192.0.2.9", signal: stop.signal })
    stop.abort()
    await assert.rejects(attempt, { reason: "CANCELLED" })
  })

  it("sees its packets in the link's statistics", async () => {
    const links = new Links(one)
    const before = links.statistics("one").sentPackets
    await echo({ namespace: one, destination: "192.0.2.2", count: 5, intervalMs: 1 })
    const after = links.statistics("one").sentPackets
    assert.ok(after - before >= 5n, `${after - before} packets`)
  })

  it("needs no capability where the namespace lets the group send echoes", () => {
    const own = (file: string): string => JSON.stringify(import.meta.resolve(file))
    const sending = `
      import { echo } from ${own("./echo.ts")}
      import { Links } from ${own("../links/links.ts")}
      import { ownNamespace } from ${own("../namespace/create-namespace.ts")}
      new Links(ownNamespace()).change("lo", { isUp: true })
      for (const destination of ["127.0.0.1", "::1"]) {
        const { received } = await echo({ namespace: ownNamespace(), destination, count: 2, intervalMs: 1 })
        console.log(received)
      }`
    const script = `echo "0 0" > /proc/sys/net/ipv4/ping_group_range
      exec setpriv --bounding-set=-net_raw --inh-caps=-net_raw "$0" --conditions=source \
        --input-type=module-typescript --eval "$1"`
    const args = ["--net", "sh", "-ec", script, process.execPath, sending]
    const cwd = new URL("../..", import.meta.url)
    assert.equal(execFileSync("unshare", args, { cwd, encoding: "utf8" }), "2\n2\n")
  })
})
