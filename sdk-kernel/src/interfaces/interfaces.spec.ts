import assert from "node:assert/strict"
import { echo } from "../icmp/echo.ts"
import { Addresses } from "../links/addresses.ts"
import { Links } from "../links/links.ts"
import { Neighbours } from "../links/neighbours.ts"
import { Routes } from "../links/routes.ts"
import { createNamespace } from "../namespace/create-namespace.ts"
import type { NetworkNamespace } from "../namespace/network-namespace.ts"
import { requirePrivilege } from "../testing/require-privilege.ts"
import { configureInterface } from "./configure-interface.ts"
import { deleteInterface } from "./delete-interface.ts"
import { stripInterface } from "./strip-interface.ts"
import { createVethPair } from "./veth-pair.ts"
import { createVxlan } from "./vxlan.ts"

describe("createVethPair", () => {
  before(function () {
    requirePrivilege(this)
  })

  it("joins two namespaces, each end with all that it shall have", async () => {
    using one = createNamespace()
    using two = createNamespace()
    const [mac1, mac2] = ["02:00:00:00:00:01", "02:00:00:00:00:02"] as const
    const links = await createVethPair(
      {
        namespace: one,
        name: "nsm-1",
        mtu: 1400,
        mac: mac1,
        alias: "to two",
        addresses: ["192.0.2.1/32", "2001:db8::1/128"],
        routes: [{ prefix: "192.0.2.2/32" }, { prefix: "::/0", gateway: "2001:db8::2" }],
        neighbours: [{ ip: "192.0.2.2", mac: mac2 }],
      },
      {
        namespace: two,
        name: "nsm-2",
        mtu: 1400,
        mac: mac2,
        addresses: ["192.0.2.2/32", "2001:db8::2/128"],
        routes: [{ prefix: "192.0.2.1/32" }, { prefix: "2001:db8::1/128" }],
        neighbours: [{ ip: "192.0.2.1", mac: mac1, state: "reachable" }],
      },
    )
    assert.partialDeepStrictEqual(links, [
      { name: "nsm-1", kind: "veth", mtu: 1400, mac: mac1, alias: "to two", isUp: true },
      { name: "nsm-2", kind: "veth", mtu: 1400, mac: mac2, isUp: true },
    ])
    for (const destination of ["192.0.2.2", "2001:db8::2"]) {
      const { received } = await echo({ namespace: one, destination })
      assert.equal(received, 1, destination)
    }
  })

  it("says which name is taken, and where", async () => {
    using one = createNamespace()
    using two = createNamespace()
    new Links(two).createBridge({ name: "taken" })
    const ends = [
      { namespace: one, name: "free" },
      { namespace: two, name: "taken" },
    ] as const
    await assert.rejects(createVethPair(...ends), {
      reason: "INTERFACE_NAME_TAKEN",
      message: /create veth "free" with peer "taken": "taken" exists already in a new namespace/,
    })
    assert.deepEqual(names(one), ["lo"])
  })

  it("leaves nothing when the last step fails", async () => {
    using one = createNamespace()
    using two = createNamespace()
    const attempt = createVethPair(
      { namespace: one, name: "one", addresses: ["192.0.2.1/32"] },
      { namespace: two, name: "two", routes: [{ prefix: "192.0.2.1/32", source: "192.0.2.99" }] },
    )
    await assert.rejects(attempt, {
      reason: "KERNEL_REFUSED",
      message: /add route 192\.0\.2\.1\/32/,
    })
    assert.deepEqual([names(one), names(two)], [["lo"], ["lo"]])
  })

  it("asks the kernel for nothing when a name or address cannot be", async () => {
    using one = createNamespace()
    const end = { namespace: one, name: "good" }
    await assert.rejects(createVethPair(end, { namespace: one, name: "far-too-long-name" }), {
      reason: "INTERFACE_NAME_INVALID",
    })
    await assert.rejects(createVethPair({ ...end, mac: "nonsense" }, end), {
      reason: "INVALID_REQUEST",
    })
    assert.deepEqual(names(one), ["lo"])
  })
})

describe("configureInterface and stripInterface", () => {
  before(function () {
    requirePrivilege(this)
  })

  it("add to what is there, and take away again, any number of times", async () => {
    using one = createNamespace()
    using two = createNamespace()
    const [link] = await createVethPair(
      { namespace: one, name: "one", addresses: ["192.0.2.1/32"] },
      { namespace: two, name: "two" },
    )
    const more = {
      addresses: ["192.0.2.3/32"],
      routes: [{ prefix: "198.51.100.0/24" }],
      neighbours: [{ ip: "198.51.100.1", mac: "02:00:00:00:00:09" }],
    }
    for (const _ of ["first", "again"]) await configureInterface(one, "one", { ...more, mtu: 1300 })
    assert.deepEqual(ipv4(one), ["192.0.2.1/32", "192.0.2.3/32"])
    assert.deepEqual(state(one, link.index), [["198.51.100.0/24"], ["198.51.100.1"], 1300])
    for (const _ of ["first", "again"]) await stripInterface(one, "one", more)
    assert.deepEqual(ipv4(one), ["192.0.2.1/32"])
    assert.deepEqual(state(one, link.index), [[], [], 1300])
    await assert.rejects(configureInterface(one, "absent", {}), { reason: "LINK_NOT_FOUND" })
  })
})

describe("createVxlan", () => {
  before(function () {
    requirePrivilege(this)
  })

  for (const [version, local, remote] of [
    ["IPv4", "203.0.113.1", "203.0.113.2"],
    ["IPv6", "2001:db8:ffff::1", "2001:db8:ffff::2"],
  ] as const) {
    it(`joins workloads on two nodes through their ${version} underlay`, async () => {
      using nodeA = createNamespace()
      using nodeB = createNamespace()
      using a = createNamespace()
      using b = createNamespace()
      const length = version === "IPv4" ? 24 : 64
      await createVethPair(
        { namespace: nodeA, name: "eth0", addresses: [`${local}/${length}`] },
        { namespace: nodeB, name: "eth0", addresses: [`${remote}/${length}`] },
      )
      const common = { name: "nsm-1", vni: 5, mtu: 1400, routes: [{ prefix: "192.0.2.0/24" }] }
      const link = await createVxlan({
        ...common,
        namespace: a,
        node: nodeA,
        local,
        remote,
        addresses: ["192.0.2.1/32"],
      })
      await createVxlan({
        ...common,
        namespace: b,
        node: nodeB,
        local: remote,
        remote: local,
        addresses: ["192.0.2.2/32"],
      })
      assert.partialDeepStrictEqual(link, { kind: "vxlan", mtu: 1400, isUp: true })
      assert.equal((await echo({ namespace: a, destination: "192.0.2.2" })).received, 1)
      assert.deepEqual(
        [names(nodeA), names(a)],
        [
          ["eth0", "lo"],
          ["lo", "nsm-1"],
        ],
      )
      await deleteInterface(a, "nsm-1")
      await deleteInterface(a, "nsm-1")
      assert.deepEqual(names(a), ["lo"])
    })
  }

  it("says that a network identifier is in use, and what values cannot be", async () => {
    using node = createNamespace()
    using workload = createNamespace()
    const options = { namespace: workload, node, vni: 9, local: "192.0.2.1", remote: "192.0.2.2" }
    await createVxlan({ ...options, name: "one" })
    await assert.rejects(createVxlan({ ...options, name: "two" }), {
      reason: "KERNEL_REFUSED",
      message: /create vxlan "two" in a new namespace: EEXIST \(File exists\), .*VNI/,
    })
    for (const wrong of [{ vni: 0 }, { vni: 2 ** 24 }, { port: 65536 }, { remote: "::1" }]) {
      await assert.rejects(createVxlan({ ...options, name: "three", ...wrong }), {
        reason: "INVALID_REQUEST",
      })
    }
    assert.deepEqual(names(workload), ["lo", "one"])
  })
})

function names(namespace: NetworkNamespace): string[] {
  return new Links(namespace)
    .list()
    .map(({ name }) => name)
    .toSorted()
}

function ipv4(namespace: NetworkNamespace): string[] {
  return new Addresses(namespace)
    .list()
    .map(({ address }) => address)
    .filter((address) => !address.includes(":"))
}

function state(namespace: NetworkNamespace, index: number): unknown[] {
  const link = { index, name: "" }
  const v4 = (text: string): boolean => !text.includes(":")
  return [
    new Routes(namespace)
      .list(link)
      .map(({ prefix }) => prefix)
      .filter(v4),
    new Neighbours(namespace)
      .list(link)
      .map(({ ip }) => ip)
      .filter(v4),
    new Links(namespace).get(index).mtu,
  ]
}
