import assert from "node:assert/strict"
import { create } from "@bufbuild/protobuf"
import { type Connection, MechanismSchema, type NetworkServiceRequest } from "@nsm/api"
import { bind, chain, type Element } from "../../core/chain.ts"
import { type Random, seededRandom } from "../../core/random.ts"
import { testCall } from "../../testing/call.ts"
import { elementContract } from "../../testing/contract.ts"
import { requestOf } from "../../testing/messages.ts"
import { failOn } from "../../testing/probes.ts"
import { connectionState } from "../common/connection-state.ts"
import type { NetworkService } from "../service.ts"
import { grant } from "../tail.ts"
import { parityOf, vni } from "./vni.ts"

const fixed: Random = { integer: () => 5, uuid: () => "u" }

/** Chance that goes through a list of numbers. */
const drawn = (...numbers: number[]): Random => ({
  integer: () => numbers.shift() ?? assert.fail("asked for more numbers"),
  uuid: () => "u",
})

const request = (id: string, parameters: Record<string, string> = {}): NetworkServiceRequest =>
  requestOf({
    id,
    mechanism: { cls: "REMOTE", type: "VXLAN", parameters: { src_ip: "10.0.0.1", ...parameters } },
  })

const through = (made: Element<NetworkService>, ...rest: Element<NetworkService>[]) =>
  bind(chain("test", connectionState(), made, ...rest), grant)

const vniOf = ({ mechanism }: Connection): number => Number(mechanism?.parameters["vni"])

describe("vni", () => {
  elementContract(() => vni({ tunnelIp: "10.0.0.2", random: fixed }), {
    request: () => request("c"),
  })

  it("completes the answering side", async () => {
    const service = through(vni({ tunnelIp: "10.0.0.2", tunnelPort: 4790, random: fixed }))
    const { mechanism } = await service.request(request("c", { src_port: "4789" }), testCall())
    assert.deepEqual(mechanism?.parameters, {
      src_ip: "10.0.0.1",
      src_port: "4789",
      dst_ip: "10.0.0.2",
      dst_port: "4790",
      vni: "10",
    })
  })

  it("never chooses an identifier that a tunnel has, nor 0", async () => {
    const isTaken = (number: number): boolean => number === 6
    const random = drawn(0, 1, 1, 3, 2)
    const service = through(vni({ tunnelIp: "10.0.0.2", random, isTaken }))
    const first = await service.request(request("a"), testCall())
    const second = await service.request(request("b", { src_ip: "10.0.0.0" }), testCall())
    assert.deepEqual([vniOf(first), vniOf(second)], [2, 4])
  })

  it("keeps the identifier when the connection is asked for again", async () => {
    const service = through(vni({ tunnelIp: "10.0.0.2", random: seededRandom(1) }))
    const granted = await service.request(request("c"), testCall())
    const again = await service.request({ ...request("c"), connection: granted }, testCall())
    const without = await service.request(request("c"), testCall())
    assert.deepEqual([vniOf(again), vniOf(without)], [vniOf(granted), vniOf(granted)])
  })

  it("takes the identifier that a connection brings, unless another has it", async () => {
    const service = through(vni({ tunnelIp: "10.0.0.2", random: fixed }))
    const first = await service.request(request("a", { vni: "7000" }), testCall())
    const second = await service.request(request("b", { vni: "7000" }), testCall())
    assert.deepEqual([vniOf(first), vniOf(second)], [7000, 10])
  })

  it("takes no identifier that something beside it uses", async () => {
    const isTaken = (number: number): boolean => number === 7000
    const service = through(vni({ tunnelIp: "10.0.0.2", random: fixed, isTaken }))
    const granted = await service.request(request("a", { vni: "7000" }), testCall())
    assert.equal(vniOf(granted), 10)
  })

  it("answers what is established with the same, whatever is offered after a restart", async () => {
    const service = through(vni({ tunnelIp: "10.0.0.2", random: fixed, isTaken: () => false }))
    const granted = await service.request(request("a"), testCall())
    const again = await service.request(request("a", { vni: "7000" }), testCall())
    assert.deepEqual([vniOf(granted), vniOf(again)], [10, 10])
  })

  it("frees the identifier on close and when the first request fails", async () => {
    const failing = failOn({ request: 1 })
    const service = through(vni({ tunnelIp: "10.0.0.2", random: fixed }), failing)
    await assert.rejects(service.request(request("a"), testCall()))
    const granted = await service.request(request("b"), testCall())
    await service.close(granted, testCall())
    assert.equal(vniOf(await service.request(request("c"), testCall())), 10)
  })

  it("keeps the identifier when a later request fails", async () => {
    const random = drawn(5, 5, 6)
    const service = through(vni({ tunnelIp: "10.0.0.2", random }), failOn({ request: 2 }))
    const connection = await service.request(request("a"), testCall())
    await assert.rejects(service.request({ ...request("a"), connection }, testCall()))
    assert.equal(vniOf(await service.request(request("b"), testCall())), 12)
  })

  it("gives up where everything is taken", async () => {
    const service = through(vni({ tunnelIp: "10.0.0.2", random: fixed, isTaken: () => true }))
    await assert.rejects(service.request(request("a"), testCall()), {
      reason: "ADDRESSES_EXHAUSTED",
    })
  })

  it("rejects a source that is no address", async () => {
    const service = through(vni({ tunnelIp: "10.0.0.2", random: fixed }))
    for (const src_ip of ["", "here", "10.0.0.1/24"]) {
      await assert.rejects(service.request(request("a", { src_ip }), testCall()), {
        reason: "INVALID_REQUEST",
        text: `mechanism VXLAN: src_ip ${JSON.stringify(src_ip)} is not an address`,
      })
    }
  })
})

describe("parityOf", () => {
  const cases: readonly (readonly [title: string, parameters: Record<string, string>, 0 | 1])[] = [
    ["is even where the asking side is lower", { src_ip: "10.0.0.1" }, 0],
    ["is even where both are the same", { src_ip: "10.0.0.2" }, 0],
    ["is odd where the asking side is higher", { src_ip: "10.0.0.10" }, 1],
    ["compares bytes, not text", { src_ip: "9.255.255.255" }, 0],
    ["takes IPv4 as the mapped form does", { src_ip: "::1" }, 0],
    ["takes IPv4 below other IPv6", { src_ip: "fd00::1" }, 1],
    [
      "takes the original of an exchanged source",
      { src_ip: "10.0.0.1", orig_src_ip: "10.0.0.9" },
      1,
    ],
    [
      "takes the original of an exchanged destination",
      { src_ip: "10.0.0.9", orig_dst_ip: "10.0.0.9" },
      0,
    ],
    ["passes over an empty original", { src_ip: "10.0.0.1", orig_src_ip: "" }, 0],
  ]
  for (const [title, parameters, parity] of cases) {
    it(title, () => {
      const mechanism = create(MechanismSchema, { type: "VXLAN", parameters })
      assert.equal(parityOf(mechanism, "10.0.0.2"), parity)
    })
  }
})
