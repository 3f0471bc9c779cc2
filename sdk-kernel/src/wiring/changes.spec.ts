import assert from "node:assert/strict"
import * as fc from "fast-check"
import type { InterfaceSetup } from "../interfaces/interface-setup.ts"
import { type Changes, changesBetween, hasSameLinks } from "./changes.ts"
import type { Wire, WireEnd } from "./wire.ts"

describe("changesBetween", () => {
  it("finds nothing to do when nothing has changed", () => {
    assert.equal(changesBetween(end({}), end({})), undefined)
  })

  it("touches only the MTU when only the MTU has changed", () => {
    assert.deepEqual(changesBetween(end({}), end({ mtu: 1400 })), {
      surplus: { addresses: [], routes: [], neighbours: [] },
      missing: { mtu: 1400, addresses: [], routes: [], neighbours: [] },
    })
  })

  it("puts all routes again when an address goes, for the kernel drops them with it", () => {
    const changes = changesBetween(end({}), end({ addresses: ["10.0.0.9/32"] }))
    assert.deepEqual(changes?.surplus.addresses, ["10.0.0.2/32"])
    assert.deepEqual(changes?.missing.routes, end({}).routes)
  })

  it("replaces a route whose gateway has changed instead of removing it", () => {
    const changes = changesBetween(
      end({}),
      end({ routes: [{ prefix: "10.0.0.1/32", gateway: "10.0.0.3" }] }),
    )
    assert.deepEqual(changes?.surplus.routes, [])
    assert.deepEqual(changes?.missing.routes, [{ prefix: "10.0.0.1/32", gateway: "10.0.0.3" }])
  })

  it("leaves addresses alone where nothing is said about them", () => {
    const { addresses: _, ...silent } = end({})
    assert.equal(changesBetween(end({}), silent), undefined)
  })

  it("leads from any state to any other", () => {
    fc.assert(
      fc.property(states, states, (from, to) => {
        const changes = changesBetween(end(from), end(to))
        assert.deepEqual(after(end(from), changes), inOrder(end(to)))
      }),
    )
  })
})

describe("hasSameLinks", () => {
  const wire = (changes: Partial<WireEnd>, vni = 1): Wire => ({
    kind: "vxlan",
    ends: [end(changes)],
    tunnel: { local: "192.0.2.1", remote: "192.0.2.2", port: 4789, vni },
  })

  it("keeps links whose addresses change", () => {
    assert.ok(hasSameLinks(wire({}), wire({ addresses: [], mtu: 1400 })))
  })

  it("keeps links whose namespace is found at another place", () => {
    assert.ok(hasSameLinks(wire({}), wire({ namespace: "file:///other" })))
  })

  it("does not keep links of another name or tunnel", () => {
    assert.ok(!hasSameLinks(wire({}), wire({ name: "nsm-2" })))
    assert.ok(!hasSameLinks(wire({}), wire({}, 2)))
  })
})

const ips = fc.uniqueArray(fc.constantFrom("10.0.0.1/32", "10.0.0.2/32", "10.0.0.3/24"))
const states = fc.record({
  mtu: fc.constantFrom(1400, 1500),
  addresses: ips,
  routes: fc.uniqueArray(
    fc.record(
      {
        prefix: fc.constantFrom("10.1.0.0/16", "10.2.0.0/16", "::/0"),
        gateway: fc.constantFrom("10.0.0.1", "::1"),
      },
      { requiredKeys: ["prefix"] },
    ),
    { selector: ({ prefix }) => prefix },
  ),
  neighbours: fc.uniqueArray(
    fc.record({
      ip: fc.constantFrom("10.0.0.1", "10.0.0.2"),
      mac: fc.constantFrom("02:00:00:00:00:01", "02:00:00:00:00:02"),
    }),
    { selector: ({ ip }) => ip },
  ),
})

function end(changes: Partial<WireEnd>): WireEnd {
  return {
    side: "client",
    namespace: "file:///c",
    name: "nsm-1",
    alias: "server-nsc-0",
    mac: "02:00:00:00:00:01",
    mtu: 9000,
    addresses: ["10.0.0.2/32"],
    routes: [{ prefix: "10.0.0.1/32" }],
    neighbours: [],
    ...changes,
  }
}

/** What a kernel has after the changes: it drops routes and neighbours with the address they need. */
function after(from: WireEnd, changes: Changes | undefined): object {
  if (!changes) return inOrder(from)
  const { surplus, missing } = changes
  const isFlushed = surplus.addresses.length > 0
  return inOrder({
    mtu: missing.mtu ?? from.mtu,
    addresses: [
      ...without(from.addresses, surplus.addresses, String),
      ...(missing.addresses ?? []),
    ],
    routes: put(
      isFlushed ? [] : without(from.routes, surplus.routes, (r) => r.prefix),
      missing.routes,
      (r) => r.prefix,
    ),
    neighbours: put(
      isFlushed ? [] : without(from.neighbours, surplus.neighbours, (n) => n.ip),
      missing.neighbours,
      (n) => n.ip,
    ),
  })
}

function without<T>(list: readonly T[] = [], gone: readonly T[], key: (item: T) => string): T[] {
  return list.filter((item) => !gone.some((other) => key(other) === key(item)))
}

function put<T>(list: readonly T[], added: readonly T[] = [], key: (item: T) => string): T[] {
  return [...new Map([...list, ...added].map((item) => [key(item), item])).values()]
}

function inOrder({ mtu, addresses = [], routes = [], neighbours = [] }: InterfaceSetup): object {
  return {
    mtu,
    addresses: sorted(addresses),
    routes: sorted(routes.map(({ prefix, gateway }) => `${prefix} via ${gateway}`)),
    neighbours: sorted(neighbours.map(({ ip, mac }) => `${ip} ${mac}`)),
  }
}

function sorted(texts: readonly string[]): string[] {
  return [...new Set(texts)].toSorted()
}
