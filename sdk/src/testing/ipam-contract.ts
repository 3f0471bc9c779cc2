import assert from "node:assert/strict"
import { create, type MessageInitShape } from "@bufbuild/protobuf"
import { timestampFromMs } from "@bufbuild/protobuf/wkt"
import {
  type Connection,
  ConnectionSchema,
  type IPContext,
  type IPContextSchema,
  type NetworkServiceRequest,
  NetworkServiceRequestSchema,
  State,
} from "@nsm/api"
import { bind, chain, type Element } from "../core/chain.ts"
import { connectionState } from "../networkservice/common/connection-state.ts"
import { ipContextOf } from "../networkservice/connection.ts"
import { parseCidrGroups } from "../networkservice/ipam/cidr-groups.ts"
import { type LeaseStore, noLeaseStore } from "../networkservice/ipam/lease-store.ts"
import type { NetworkService } from "../networkservice/service.ts"
import { grant } from "../networkservice/tail.ts"
import type { Prefix } from "../tools/prefix.ts"
import { testCall } from "./call.ts"
import { deepFreeze } from "./deep-freeze.ts"
import { FakeClock } from "./fake-clock.ts"
import { MapLeaseStore } from "./map-lease-store.ts"
import { failOn } from "./probes.ts"

/**
 * What hands out a pair of addresses per group has to do, as a mocha suite.
 *
 * @example
 * describe("groupIpam", () => {
 *   ipamContract((groups, leases) => groupIpam({ groups, leases }))
 * })
 */
export function ipamContract(
  make: (groups: Prefix[][], leases: LeaseStore) => Element<NetworkService>,
): void {
  const started = (
    groups: string,
    leases: LeaseStore,
    ...behind: Element<NetworkService>[]
  ): NetworkService =>
    bind(chain("test", connectionState(), make(parseCidrGroups(groups), leases), ...behind), grant)
  const endpoint = (groups: string, ...behind: Element<NetworkService>[]): NetworkService =>
    started(groups, noLeaseStore, ...behind)

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

    it("does not change addresses in a refresh, whatever it brings", async () => {
      const service = endpoint("10.0.0.0/24,fd00::/64")
      const granted = await ask(service, "a")
      const brought = { srcIpAddrs: ["10.0.0.9/32"], dstIpAddrs: ["10.0.0.8/32"] }
      assert.deepEqual(shown(await again(service, granted, brought)), shown(granted))
    })

    describe("for a client that comes from another endpoint", () => {
      const state = State.RESELECT_REQUESTED
      const before = {
        srcIpAddrs: ["10.0.0.9/32", "fd00::9/128"],
        dstIpAddrs: ["10.0.0.8/32", "fd00::8/128"],
        srcRoutes: [{ prefix: "10.0.0.8/32" }, { prefix: "fd00::8/128" }],
        dstRoutes: [{ prefix: "10.0.0.9/32" }, { prefix: "fd00::9/128" }],
      }

      it("recovers the addresses that it brings", async () => {
        const granted = await ask(endpoint("10.0.0.0/24,fd00::/64"), "a", before, { state })
        assert.deepEqual(shown(granted), {
          src: before.srcIpAddrs,
          dst: before.dstIpAddrs,
          srcRoutes: before.dstIpAddrs,
          dstRoutes: before.srcIpAddrs,
        })
      })

      it("exchanges those that somebody else has here", async () => {
        const service = endpoint("10.0.0.0/24,fd00::/64")
        await ask(service, "b", before)
        const granted = await ask(service, "a", before, { state })
        assert.deepEqual(shown(granted), {
          src: ["10.0.0.1/32", "fd00::1/128"],
          dst: ["10.0.0.0/32", "fd00::/128"],
          srcRoutes: ["10.0.0.0/32", "fd00::/128"],
          dstRoutes: ["10.0.0.1/32", "fd00::1/128"],
        })
      })

      it("exchanges those of other pools, with their routes and no others", async () => {
        const srcRoutes = [...before.srcRoutes, { prefix: "192.0.2.0/24" }]
        const service = endpoint("10.7.0.0/24,fd07::/64")
        const granted = await ask(service, "a", { ...before, srcRoutes }, { state })
        assert.deepEqual(shown(granted), {
          src: ["10.7.0.1/32", "fd07::1/128"],
          dst: ["10.7.0.0/32", "fd07::/128"],
          srcRoutes: ["192.0.2.0/24", "10.7.0.0/32", "fd07::/128"],
          dstRoutes: ["10.7.0.1/32", "fd07::1/128"],
        })
      })

      it("leaves it none of a family that it does not give", async () => {
        const granted = await ask(endpoint("10.0.0.0/24"), "a", before, { state })
        assert.deepEqual(pairOf(granted), ["10.0.0.8/32", "10.0.0.9/32"])
      })
    })

    describe("after a restart", () => {
      const groups = "10.0.0.0/24,fd00::/64"
      let leases: MapLeaseStore
      beforeEach(() => {
        leases = new MapLeaseStore()
      })

      it("gives a client that asks for the same connection what it had, and nobody else", async () => {
        const before = await ask(started(groups, leases), "a", {}, by("client-1"))
        const restarted = started(groups, leases)
        const other = await ask(restarted, "b", {}, by("client-2"))
        assert.deepEqual(shown(await ask(restarted, "a", {}, by("client-1"))), shown(before))
        assert.equal(new Set([...pairOf(before), ...pairOf(other)]).size, 8)
      })

      it("gives a client that has restarted too what it had", async () => {
        const before = await ask(started(groups, leases), "a", {}, by("client-1"))
        const restarted = started(groups, leases)
        await ask(restarted, "b", {}, by("client-2"))
        assert.deepEqual(shown(await ask(restarted, "c", {}, by("client-1"))), shown(before))
        const third = started(groups, leases)
        assert.deepEqual(shown(await ask(third, "c", {}, by("client-1"))), shown(before))
        assert.equal(leases.leases.length, 4)
      })

      it("gives a client that had several what it brings, else what it had last", async () => {
        const first = started(groups, leases)
        // nobody closed them: a hop between lost its memory
        await ask(first, "a", {}, by("client-1"))
        const second = await ask(first, "b", {}, by("client-1"))
        const third = await ask(first, "c", {}, by("client-1", Date.UTC(2031, 0)))
        const { srcIpAddrs, dstIpAddrs } = ipContextOf(second)
        const restarted = started(groups, leases)
        const brought = { srcIpAddrs, dstIpAddrs }
        const bringing = await ask(restarted, "d", brought, by("client-1"))
        assert.deepEqual(shown(bringing), shown(second))
        assert.deepEqual(shown(await ask(restarted, "e", {}, by("client-1"))), shown(third))
      })

      it("gives it what it brings rather than what it had", async () => {
        await ask(started(groups, leases), "a", {}, by("client-1"))
        const brought = { srcIpAddrs: ["10.0.0.9/32"], dstIpAddrs: ["10.0.0.8/32"] }
        const restarted = started("10.0.0.0/24", leases)
        const granted = await ask(restarted, "a", brought, by("client-1"))
        assert.deepEqual(pairOf(granted), ["10.0.0.8/32", "10.0.0.9/32"])
        const other = await ask(restarted, "b", {}, by("client-2"))
        assert.deepEqual(pairOf(other), ["10.0.0.0/32", "10.0.0.1/32"])
      })

      it("gives it others when it excludes what it had", async () => {
        await ask(started(groups, leases), "a", {}, by("client-1"))
        const restarted = started("10.0.0.0/24", leases)
        const excludedPrefixes = ["10.0.0.1/32"]
        const granted = await ask(restarted, "a", { excludedPrefixes }, by("client-1"))
        assert.deepEqual(pairOf(granted), ["10.0.0.0/32", "10.0.0.2/32"])
        const other = await ask(restarted, "b", {}, by("client-2"))
        assert.deepEqual(pairOf(other), ["10.0.0.1/32", "10.0.0.3/32"])
      })

      it("gives it to only one of two who say that they had it", async () => {
        await ask(started(groups, leases), "a", {}, by("client-1"))
        const restarted = started(groups, leases)
        const both = await Promise.all(
          ["b", "c"].map((id) => ask(restarted, id, {}, by("client-1"))),
        )
        assert.equal(new Set(both.flatMap(pairOf)).size, 8)
      })

      it("keeps it until the client's token ends", async () => {
        const clock = new FakeClock()
        const expiresAt = clock.now() + 60_000
        const call = testCall({ clock })
        const first = started("10.0.0.0/24", leases)
        const before = await ask(first, "a", {}, by("client-1", expiresAt), call)
        const restarted = started("10.0.0.0/24", leases)
        await clock.advance(59_999)
        const early = await ask(restarted, "b", {}, by("client-2", expiresAt), call)
        assert.notDeepEqual(pairOf(early), pairOf(before))
        await clock.advance(1)
        const late = await ask(restarted, "c", {}, by("client-3", expiresAt + 1), call)
        assert.deepEqual(pairOf(late), pairOf(before))
        assert.deepEqual(
          leases.leases.map(({ connectionId }) => connectionId),
          ["b", "c"],
        )
      })

      it("keeps on for it what a request fails further on", async () => {
        const before = await ask(started(groups, leases), "a", {}, by("client-1"))
        const restarted = started(groups, leases, failOn({ request: 1 }))
        await assert.rejects(ask(restarted, "a", {}, by("client-1")))
        await ask(restarted, "b", {}, by("client-2"))
        assert.deepEqual(shown(await ask(restarted, "a", {}, by("client-1"))), shown(before))
      })

      it("keeps nothing that was closed", async () => {
        const first = started(groups, leases)
        const before = await ask(first, "a", {}, by("client-1"))
        await first.close(before, testCall())
        assert.deepEqual(leases.leases, [])
        const other = await ask(started(groups, leases), "b", {}, by("client-2"))
        assert.deepEqual(shown(other), shown(before))
      })

      it("passes over what it has no pool for any more, and what is no address", async () => {
        await ask(started(groups, leases), "a", {}, by("client-1"))
        const [one] = leases.leases
        if (one) leases.put({ ...one, dst: "here", src: "there" })
        const restarted = started("10.7.0.0/24", leases)
        const granted = await ask(restarted, "a", {}, by("client-1"))
        assert.deepEqual(pairOf(granted), ["10.7.0.0/32", "10.7.0.1/32"])
      })
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
async function ask(
  service: NetworkService,
  id: string,
  ipContext: Ip = {},
  more: Pick<MessageInitShape<typeof ConnectionSchema>, "path" | "state"> = {},
  call = testCall(),
): Promise<Connection> {
  const connection = create(ConnectionSchema, { ...more, id, context: { ipContext } })
  return service.request(requestFor(connection), call)
}

/** As a client whose token holds for so long. */
function by(
  name: string,
  expiresAt = Date.UTC(2030, 0),
): Pick<MessageInitShape<typeof ConnectionSchema>, "path"> {
  const expires = timestampFromMs(expiresAt)
  const pathSegments = [{ name, id: `${name}-0`, expires }, { name: "endpoint" }]
  return { path: { index: 1, pathSegments } }
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
