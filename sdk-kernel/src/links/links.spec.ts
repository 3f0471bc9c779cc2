import assert from "node:assert/strict"
import { createNamespace } from "../namespace/create-namespace.ts"
import { decodePayload } from "../netlink/message.ts"
import { IFLA, ifinfomsg } from "../netlink/rtnetlink.ts"
import { requirePrivilege } from "../testing/require-privilege.ts"
import { Addresses } from "./addresses.ts"
import { createLink, getLink } from "./link-requests.ts"
import { Links } from "./links.ts"
import { Neighbours } from "./neighbours.ts"
import { Routes } from "./routes.ts"
import { createVeth } from "./veth.ts"

describe("Links", () => {
  before(function () {
    requirePrivilege(this)
  })

  it("shows what the kernel has", () => {
    using namespace = createNamespace()
    const lo = new Links(namespace).get("lo")
    assert.partialDeepStrictEqual(lo, { index: 1, kind: undefined, mtu: 65536, isUp: false })
    assert.deepEqual(new Links(namespace).get(1), lo)
    assert.equal(new Links(namespace).statistics("lo").sentPackets, 0n)
  })

  it("tells a link that is not there from a failure", () => {
    using namespace = createNamespace()
    assert.equal(new Links(namespace).find("absent"), undefined)
    assert.throws(() => new Links(namespace).get("absent"), {
      reason: "LINK_NOT_FOUND",
      message: /find interface "absent" in a new namespace: ENODEV \(No such device\)/,
    })
  })

  it("makes a virtual cable with one queue each way at either end", () => {
    using namespace = createNamespace()
    namespace.netlink.request([createVeth({ name: "a" }, { name: "b" })])
    for (const name of ["a", "b"]) {
      const [[message] = []] = namespace.netlink.request([getLink(name)])
      assert.ok(message)
      const { attributes } = decodePayload(ifinfomsg, message.payload)
      for (const type of [IFLA.NUM_TX_QUEUES, IFLA.NUM_RX_QUEUES]) {
        assert.deepEqual(attributes.get(type), new Uint8Array(Uint32Array.of(1).buffer))
      }
    }
  })

  it("makes a bridge and enslaves a port", async () => {
    using namespace = createNamespace()
    const links = new Links(namespace)
    const bridge = links.createBridge({ name: "br0", mtu: 1400 })
    namespace.netlink.request([createVeth({ name: "a" }, { name: "b" })])
    links.change("a", { bridge: bridge.index, isUp: true })
    assert.partialDeepStrictEqual(bridge, { kind: "bridge", mtu: 1400 })
    assert.equal(links.get("a").bridge, bridge.index)
    links.change("a", { bridge: 0 })
    assert.equal(links.get("a").bridge, undefined)
    await links.delete("br0")
    assert.equal(links.find("br0"), undefined)
  })

  it("changes name, MTU, hardware address, alias and state", () => {
    using namespace = createNamespace()
    const links = new Links(namespace)
    links.createBridge({ name: "one" })
    links.createBridge({ name: "two" })
    const changes = { name: "six", mtu: 1300, mac: "02:00:00:00:00:07", alias: "for nobody" }
    links.change("one", { ...changes, isUp: true })
    assert.partialDeepStrictEqual(links.get("six"), { ...changes, isUp: true })
    links.change("six", { isUp: false, alias: "" })
    assert.partialDeepStrictEqual(links.get("six"), { isUp: false, alias: undefined })
    assert.throws(() => links.change("six", { name: "two" }), { reason: "INTERFACE_NAME_TAKEN" })
    assert.throws(() => links.change("six", { name: "t/wo" }), { reason: "INTERFACE_NAME_INVALID" })
    assert.throws(() => links.change("six", { mac: "02:00" }), { reason: "INVALID_REQUEST" })
  })

  it("says which kernel module may be missing", () => {
    using namespace = createNamespace()
    const request = createLink("nsm-nonsense", { name: "x" })
    assert.throws(() => namespace.netlink.request([request]), {
      reason: "KERNEL_FEATURE_MISSING",
      message: /create nsm-nonsense "x" .*is the kernel module nsm-nonsense loaded\?$/,
    })
  })

  it("deletes what has gone already", async () => {
    using namespace = createNamespace()
    await new Links(namespace).delete("absent")
  })
})

describe("addresses, routes and neighbours", () => {
  before(function () {
    requirePrivilege(this)
  })

  it("are put, put again, listed and taken away, twice", () => {
    using namespace = createNamespace()
    const link = new Links(namespace).createBridge({ name: "br0" })
    new Links(namespace).change("br0", { isUp: true })
    const lists = {
      addresses: new Addresses(namespace),
      routes: new Routes(namespace),
      neighbours: new Neighbours(namespace),
    }
    const route = {
      prefix: "198.51.100.0/24",
      gateway: "192.0.2.9",
      source: "192.0.2.1",
      metric: 7,
    }
    const route6 = { prefix: "::/0", gateway: "2001:db8::9", table: 300 }
    const neighbour = { ip: "192.0.2.9", mac: "02:00:00:00:00:09" }
    for (const _ of ["first", "again"]) {
      lists.addresses.add(link, "192.0.2.1/32")
      lists.addresses.add(link, "2001:db8::1/64")
      lists.routes.replace(link, route)
      lists.routes.replace(link, route6)
      lists.neighbours.replace(link, neighbour)
    }
    assert.deepEqual(
      lists.addresses
        .list(link)
        .map(({ address }) => address)
        .slice(0, 2),
      ["192.0.2.1/32", "2001:db8::1/64"],
    )
    const routes = lists.routes.list(link).map(({ prefix, gateway, source, metric, table }) => ({
      prefix,
      gateway,
      source,
      metric,
      table,
    }))
    assert.deepEqual(routes[0], { ...route, table: 254 })
    assert.deepEqual(
      routes.find(({ table }) => table === 300),
      { ...route6, source: undefined, metric: 1024 },
    )
    assert.deepEqual(lists.neighbours.list(link), [
      { index: link.index, ...neighbour, isPermanent: true },
    ])
    for (const _ of ["first", "again"]) {
      lists.neighbours.delete(link, neighbour.ip)
      lists.routes.delete(link, route)
      lists.routes.delete(link, route6)
      lists.addresses.delete(link, "192.0.2.1/32")
      lists.addresses.delete(link, "2001:db8::1/64")
    }
    assert.deepEqual(lists.neighbours.list(link), [])
    assert.ok(!lists.routes.list(link).some(({ gateway }) => gateway))
    assert.ok(!lists.addresses.list(link).some(({ address }) => !address.startsWith("fe80:")))
  })

  it("let a route that replaces another take its place", () => {
    using namespace = createNamespace()
    const link = new Links(namespace).createBridge({ name: "br0" })
    new Links(namespace).change("br0", { isUp: true })
    new Addresses(namespace).add(link, "192.0.2.1/32")
    const routes = new Routes(namespace)
    routes.replace(link, { prefix: "198.51.100.0/24", gateway: "192.0.2.8" })
    routes.replace(link, { prefix: "198.51.100.0/24", gateway: "192.0.2.9" })
    const gateways = routes.list(link).flatMap(({ gateway }) => gateway ?? [])
    assert.deepEqual(gateways, ["192.0.2.9"])
  })

  it("say why the kernel refuses them", () => {
    using namespace = createNamespace()
    const link = { index: 1, name: "lo" }
    const route = { prefix: "198.51.100.0/24", source: "192.0.2.1" }
    assert.throws(() => new Routes(namespace).replace(link, route), {
      reason: "KERNEL_REFUSED",
      message: /add route 198\.51\.100\.0\/24 through "lo" in a new namespace: E\w+ \(.*\), /,
    })
  })
})
