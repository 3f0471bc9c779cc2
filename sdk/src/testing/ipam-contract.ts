import assert from "node:assert/strict"
import { create, type MessageInitShape } from "@bufbuild/protobuf"
import {
  type Connection,
  ConnectionSchema,
  type IPContext,
  type IPContextSchema,
  type NetworkServiceRequest,
  NetworkServiceRequestSchema,
} from "@nsm/api"
import { bind, chain, type Element } from "../core/chain.ts"
import { connectionState } from "../networkservice/common/connection-state.ts"
import { ipContextOf } from "../networkservice/connection.ts"
import { parseCidrGroups } from "../networkservice/ipam/cidr-groups.ts"
import type { NetworkService } from "../networkservice/service.ts"
import { grant } from "../networkservice/tail.ts"
import type { Prefix } from "../tools/prefix.ts"
import { testCall } from "./call.ts"
import { deepFreeze } from "./deep-freeze.ts"
import { failOn } from "./probes.ts"

/**
 * What hands out a pair of addresses per group has to do, as a mocha suite.
 *
 * @example
 * describe("groupIpam", () => {
 *   ipamContract((groups) => groupIpam({ groups }))
 * })
 */
export function ipamContract(make: (groups: Prefix[][]) => Element<NetworkService>): void {
  const endpoint = (groups: string, ...behind: Element<NetworkService>[]): NetworkService =>
    bind(chain("test", connectionState(), make(parseCidrGroups(groups)), ...behind), grant)

  describe("as an address management", () => {
    it("gives the endpoint the lowest address and the client the next, each with a route to the other", async () => {
      const granted = await ask(endpoint("172.16.1.100/31"), "a")
      assert.deepEqual(shown(granted), {
        src: ["172.16.1.101/32"],
        dst: ["172.16.1.100/32"],
        srcRoutes: ["172.16.1.100/32"],
        dstRoutes: ["172.16.1.101/32"],
      })
      const { srcRoutes } = ipContextOf(granted)
      assert.equal(srcRoutes[0]?.nextHop, "", "a route to the other end has no next hop")
    })

    it("gives every connection other addresses, in order", async () => {
      const service = endpoint("10.0.0.0/29")
      const pairs = []
      for (const id of ["a", "b", "c"]) pairs.push(pairOf(await ask(service, id)))
      assert.deepEqual(pairs, [
        ["10.0.0.0/32", "10.0.0.1/32"],
        ["10.0.0.2/32", "10.0.0.3/32"],
        ["10.0.0.4/32", "10.0.0.5/32"],
      ])
    })

    it("gives one pair of each group, for IPv4 and IPv6 at once", async () => {
      const granted = await ask(endpoint("10.0.0.0/24,fd00::/64"), "a")
      assert.deepEqual(shown(granted), {
        src: ["10.0.0.1/32", "fd00::1/128"],
        dst: ["10.0.0.0/32", "fd00::/128"],
        srcRoutes: ["10.0.0.0/32", "fd00::/128"],
        dstRoutes: ["10.0.0.1/32", "fd00::1/128"],
      })
    })

    it("goes on to the next prefix of a group when one is used up", async () => {
      const service = endpoint("[10.0.0.0/31,10.0.1.0/24]")
      await ask(service, "a")
      assert.deepEqual(pairOf(await ask(service, "b")), ["10.0.1.0/32", "10.0.1.1/32"])
    })

    it("keeps the addresses when the connection is asked for again", async () => {
      const service = endpoint("10.0.0.0/24,fd00::/64")
      const granted = await ask(service, "a")
      assert.deepEqual(shown(await again(service, granted)), shown(granted))
      assert.deepEqual(shown(await ask(service, "a")), shown(granted), "without bringing them")
    })

    it("frees the addresses when the connection is closed", async () => {
      const service = endpoint("10.0.0.0/24")
      const granted = await ask(service, "a")
      await ask(service, "b")
      await service.close(granted, testCall())
      assert.deepEqual(pairOf(await ask(service, "c")), pairOf(granted))
    })

    it("frees them when the close fails further on", async () => {
      const service = endpoint("10.0.0.0/24", failOn({ close: 1 }))
      const granted = await ask(service, "a")
      await assert.rejects(service.close(granted, testCall()))
      assert.deepEqual(pairOf(await ask(service, "b")), pairOf(granted))
    })

    it("frees them when the first request fails further on", async () => {
      const service = endpoint("10.0.0.0/31", failOn({ request: 1 }))
      await assert.rejects(ask(service, "a"))
      assert.deepEqual(pairOf(await ask(service, "b")), ["10.0.0.0/32", "10.0.0.1/32"])
    })

    it("keeps them when a later request fails further on", async () => {
      const service = endpoint("10.0.0.0/29", failOn({ request: 2 }))
      const granted = await ask(service, "a")
      await assert.rejects(again(service, granted))
      assert.notDeepEqual(pairOf(await ask(service, "b")), pairOf(granted))
      assert.deepEqual(pairOf(await again(service, granted)), pairOf(granted))
    })

    it("passes over excluded prefixes and addresses", async () => {
      const excludedPrefixes = ["10.0.0.0/30", "10.0.0.5/32", "10.0.0.7", "fd00::/8"]
      const granted = await ask(endpoint("10.0.0.0/28"), "a", { excludedPrefixes })
      assert.deepEqual(pairOf(granted), ["10.0.0.4/32", "10.0.0.6/32"])
    })

    it("exchanges addresses that have come to be excluded, with their routes", async () => {
      const service = endpoint("10.0.0.0/29")
      const granted = await ask(service, "a")
      const changed = await again(service, granted, { excludedPrefixes: ["10.0.0.1/32"] })
      assert.deepEqual(shown(changed), {
        src: ["10.0.0.2/32"],
        dst: ["10.0.0.0/32"],
        srcRoutes: ["10.0.0.0/32"],
        dstRoutes: ["10.0.0.2/32"],
      })
      assert.deepEqual(pairOf(await ask(service, "b")), ["10.0.0.1/32", "10.0.0.3/32"])
    })

    it("exchanges addresses where only those that it had are left", async () => {
      const service = endpoint("10.0.0.0/30")
      const granted = await ask(service, "a")
      const changed = await again(service, granted, { excludedPrefixes: ["10.0.0.0/32"] })
      assert.deepEqual(pairOf(changed), ["10.0.0.1/32", "10.0.0.2/32"])
      const outside = { excludedPrefixes: ["10.0.0.0/31", "10.0.0.3/32"] }
      await assert.rejects(again(service, changed, outside), { reason: "ADDRESSES_EXHAUSTED" })
      assert.deepEqual(
        pairOf(await again(service, changed)),
        pairOf(changed),
        "it lost what it had",
      )
    })

    it("does not exchange addresses when the request for it fails", async () => {
      const service = endpoint("10.0.0.0/29", failOn({ request: 2 }))
      const granted = await ask(service, "a")
      await assert.rejects(again(service, granted, { excludedPrefixes: ["10.0.0.1/32"] }))
      assert.deepEqual(pairOf(await again(service, granted)), pairOf(granted))
      assert.deepEqual(pairOf(await ask(service, "b")), ["10.0.0.2/32", "10.0.0.3/32"])
    })

    it("takes over the addresses that a connection brings, if they are free", async () => {
      const before = await ask(endpoint("10.0.0.0/24,fd00::/64"), "a", {
        excludedPrefixes: ["10.0.0.0/27", "fd00::/120"],
      })
      const { srcIpAddrs, dstIpAddrs } = ipContextOf(before)
      const restarted = endpoint("10.0.0.0/24,fd00::/64")
      const granted = await ask(restarted, "a", { srcIpAddrs, dstIpAddrs })
      assert.deepEqual(shown(granted), shown(before))
      const other = await ask(restarted, "b")
      assert.deepEqual(pairOf(other).slice(0, 2), ["10.0.0.0/32", "fd00::/128"])
    })

    it("gives a connection other addresses than those it brings, if another has them", async () => {
      const service = endpoint("10.0.0.0/24")
      const granted = await ask(service, "a")
      const { srcIpAddrs, dstIpAddrs, srcRoutes, dstRoutes } = ipContextOf(granted)
      const other = await ask(service, "b", { srcIpAddrs, dstIpAddrs, srcRoutes, dstRoutes })
      assert.deepEqual(shown(other), {
        src: ["10.0.0.3/32"],
        dst: ["10.0.0.2/32"],
        srcRoutes: ["10.0.0.2/32"],
        dstRoutes: ["10.0.0.3/32"],
      })
    })

    it("gives a connection other addresses than those it brings, if it excludes them", async () => {
      const granted = await ask(endpoint("10.0.0.0/24"), "a", {
        srcIpAddrs: ["10.0.0.9/32"],
        dstIpAddrs: ["10.0.0.8/32"],
        excludedPrefixes: ["10.0.0.8/31"],
      })
      assert.deepEqual(pairOf(granted), ["10.0.0.0/32", "10.0.0.1/32"])
    })

    it("needs both addresses to take them over", async () => {
      const service = endpoint("10.0.0.0/24")
      const granted = await ask(service, "a", { srcIpAddrs: ["10.0.0.9/32"] })
      assert.deepEqual(pairOf(granted), ["10.0.0.0/32", "10.0.0.1/32"])
      const other = await ask(service, "b", { srcIpAddrs: ["10.0.0.9"], dstIpAddrs: ["10.0.0.8"] })
      assert.deepEqual(pairOf(other), ["10.0.0.8/32", "10.0.0.9/32"])
    })

    it("keeps routes that are not its own", async () => {
      const srcRoutes = [{ prefix: "192.0.2.0/24", nextHop: "10.0.0.0" }]
      const granted = await ask(endpoint("10.0.0.0/24"), "a", { srcRoutes })
      assert.deepEqual(shown(granted).srcRoutes, ["192.0.2.0/24", "10.0.0.0/32"])
    })

    it("says that a pool is used up, which one, and how far", async () => {
      const service = endpoint("172.16.1.100/31")
      await ask(service, "a")
      await assert.rejects(ask(service, "b"), {
        reason: "ADDRESSES_EXHAUSTED",
        text: "pool 172.16.1.100/31 has no free pair: 1 of 1 in use",
      })
    })

    it("says of all pools of a group that they are used up", async () => {
      const service = endpoint("[10.0.0.0/31,10.0.1.0/31]")
      await ask(service, "a")
      await assert.rejects(ask(service, "b", { excludedPrefixes: ["10.0.1.1/32", "fd00::/8"] }), {
        text:
          "pool 10.0.0.0/31 has no free pair: 1 of 1 in use; " +
          "pool 10.0.1.0/31 has no free pair: 0 of 1 in use, excluded is 10.0.1.1/32",
      })
    })

    it("keeps nothing of the first group when the second is used up", async () => {
      const service = endpoint("10.0.0.0/24,fd00::/127")
      const first = await ask(service, "a")
      await assert.rejects(ask(service, "b"), { reason: "ADDRESSES_EXHAUSTED" })
      await service.close(first, testCall())
      assert.deepEqual(shown(await ask(service, "c")), shown(first))
    })

    it("rejects an excluded prefix that is none", async () => {
      await assert.rejects(ask(endpoint("10.0.0.0/24"), "a", { excludedPrefixes: ["10.0.0/24"] }), {
        reason: "INVALID_REQUEST",
        text: 'excluded prefix "10.0.0/24" is not a prefix',
      })
    })

    it("passes over brought addresses that are none", async () => {
      const brought = { srcIpAddrs: ["here"], dstIpAddrs: ["there/32"] }
      const granted = await ask(endpoint("10.0.0.0/24"), "a", brought)
      assert.ok(ipContextOf(granted).srcIpAddrs.includes("10.0.0.1/32"))
    })

    for (const groups of ["10.0.0.0/32", "fd00::/128", "10.0.0.0/24,10.0.0.128/25"]) {
      it(`cannot be made of ${groups}`, () => {
        assert.throws(() => endpoint(groups), { reason: "INVALID_CONFIGURATION" })
      })
    }
  })
}

type Ip = MessageInitShape<typeof IPContextSchema>

/** Asks for a connection with an id, as a client that brings these addresses. */
async function ask(service: NetworkService, id: string, ipContext: Ip = {}): Promise<Connection> {
  const connection = create(ConnectionSchema, { id, context: { ipContext } })
  return service.request(requestFor(connection), testCall())
}

/** Asks for a granted connection once more, with some of its addressing changed. */
async function again(
  service: NetworkService,
  granted: Connection,
  changes: Partial<IPContext> = {},
): Promise<Connection> {
  const context = granted.context ?? assert.fail("the connection has no context")
  const ipContext = { ...ipContextOf(granted), ...changes }
  return service.request(requestFor({ ...granted, context: { ...context, ipContext } }), testCall())
}

function requestFor(connection: Connection): NetworkServiceRequest {
  return deepFreeze({ ...create(NetworkServiceRequestSchema), connection })
}

function pairOf(connection: Connection): string[] {
  const { dstIpAddrs, srcIpAddrs } = ipContextOf(connection)
  return [...dstIpAddrs, ...srcIpAddrs]
}

function shown(connection: Connection) {
  const { srcIpAddrs: src, dstIpAddrs: dst, srcRoutes, dstRoutes } = ipContextOf(connection)
  const prefixes = (routes: IPContext["srcRoutes"]) => routes.map(({ prefix }) => prefix)
  return { src, dst, srcRoutes: prefixes(srcRoutes), dstRoutes: prefixes(dstRoutes) }
}
