import assert from "node:assert/strict"
import { create, type MessageInitShape } from "@bufbuild/protobuf"
import { type Connection, ConnectionSchema, type Mechanism, MechanismSchema } from "@nsm/api"
import { NsmError } from "@nsm/sdk"
import { macOf } from "./identity.ts"
import { plan } from "./plan.ts"
import type { WireEnd } from "./wire.ts"

describe("plan", () => {
  it("joins two interfaces by a veth pair, each end with its own side of the context", () => {
    const wire = plan({
      connection: connection({}),
      incoming: kernel("c", "nsm-1"),
      outgoing: kernel("e", "nse-1"),
    })
    assert.equal(wire.kind, "veth")
    const [client, endpoint] = wire.ends
    assert.deepEqual(texts(client), {
      namespace: "file:///c",
      name: "nsm-1",
      alias: "server-nsc-0",
      addresses: ["172.16.1.1/32", "2001:db8::1/128"],
      routes: ["172.16.1.0/32", "2001:db8::/128"],
      neighbours: [],
      mtu: 9000,
    })
    assert.deepEqual(texts(endpoint), {
      namespace: "file:///e",
      name: "nse-1",
      alias: "client-nsc-0",
      addresses: ["172.16.1.0/32", "2001:db8::/128"],
      routes: ["172.16.1.1/32", "2001:db8::1/128"],
      neighbours: [],
      mtu: 9000,
    })
  })

  it("puts the client's end on the tunnel where the request came from", () => {
    const wire = plan({
      connection: connection({}),
      incoming: kernel("c", "nsm-1"),
      outgoing: vxlan({}),
    })
    assert.equal(wire.kind, "vxlan")
    assert.equal(wire.ends[0].alias, "server-nsc-0")
    assert.deepEqual(wire.tunnel, { local: "192.0.2.1", remote: "192.0.2.2", port: 4789, vni: 77 })
  })

  it("puts the endpoint's end on the tunnel where the request went to", () => {
    const wire = plan({
      connection: connection({}),
      incoming: vxlan({}),
      outgoing: kernel("e", "nse-1"),
    })
    assert.equal(wire.kind, "vxlan")
    assert.equal(wire.ends[0].alias, "client-nsc-0")
    assert.deepEqual(wire.tunnel, { local: "192.0.2.2", remote: "192.0.2.1", port: 4789, vni: 77 })
  })

  it("takes the lesser MTU of context and tunnel", () => {
    const mtu = (context: number, tunnel: string): number =>
      plan({
        connection: connection({ MTU: context }),
        incoming: kernel("c", "nsm-1"),
        outgoing: vxlan({ MTU: tunnel }),
      }).ends[0].mtu
    assert.equal(mtu(9000, "1446"), 1446)
    assert.equal(mtu(1400, "1446"), 1400)
    assert.equal(mtu(0, "1446"), 1446)
    assert.equal(mtu(0, ""), 1500)
  })

  it("names the other end's hardware where the payload is IP", () => {
    const wire = plan({
      connection: connection({ payload: "IP" }),
      incoming: kernel("c", "nsm-1"),
      outgoing: kernel("e", "nse-1"),
    })
    assert.equal(wire.kind, "veth")
    const [client, endpoint] = wire.ends
    assert.equal(endpoint.mac, macOf("client-nsc-0"))
    assert.deepEqual(texts(client).neighbours, [
      `172.16.1.0 ${endpoint.mac}`,
      `2001:db8:: ${endpoint.mac}`,
    ])
    assert.deepEqual(texts(endpoint).neighbours, [
      `172.16.1.1 ${client.mac}`,
      `2001:db8::1 ${client.mac}`,
    ])
  })

  it("leaves an unnumbered end without addresses, under a hardware address that no other end has", () => {
    const wire = plan({
      connection: connection({ payload: "IP" }),
      incoming: kernel("c", "nsm-1"),
      outgoing: unnumbered(kernel("p", "in-1")),
    })
    assert.equal(wire.kind, "veth")
    const [client, through] = wire.ends
    assert.deepEqual(texts(through), {
      ...{ namespace: "file:///p", name: "in-1", alias: "client-nsc-0", mtu: 9000 },
      ...{ addresses: [], routes: [], neighbours: [] },
    })
    const known = [client.mac, macOf("server-nsc-0"), macOf("client-nsc-0")]
    assert.ok(!known.includes(through.mac), through.mac)
    // The client's packets go to the endpoint beyond the bridge.
    assert.equal(client.neighbours?.[0]?.mac, macOf("client-nsc-0"))
  })

  it("keeps the neighbours and hardware addresses that the context lists", () => {
    const wire = plan({
      connection: connection({
        ipNeighbors: [{ ip: "10.9.9.9", hardwareAddress: "02:AA:00:00:00:01" }],
        srcMac: "02:BB:00:00:00:01",
      }),
      incoming: kernel("c", "nsm-1"),
      outgoing: vxlan({}),
    })
    assert.deepEqual(texts(wire.ends[0]).neighbours, ["10.9.9.9 02:aa:00:00:00:01"])
    assert.equal(wire.ends[0].mac, "02:bb:00:00:00:01")
  })

  const cases: { title: string; routes: Given; routed: string[] }[] = [
    {
      title: "sends a listed route without next hop through the other end's first address",
      routes: { dst: ["10.0.0.1/32"], srcRoutes: [["192.168.0.0/16", ""]] },
      routed: ["10.0.0.1/32", "192.168.0.0/16 via 10.0.0.1"],
    },
    {
      title: "puts a listed route straight onto the link when the other end has it itself",
      routes: { dst: ["10.0.0.1/24"], srcRoutes: [["10.0.0.7/32", ""]] },
      routed: ["10.0.0.0/24", "10.0.0.7/32"],
    },
    {
      title: "adds no link route to an address that a network of the own end covers",
      routes: { src: ["10.0.0.2/24"], dst: ["10.0.0.1/32"], srcRoutes: [] },
      routed: [],
    },
    {
      title: "clears the host part of a listed route",
      routes: { dst: ["10.0.0.1/32"], srcRoutes: [["192.168.3.4/16", "10.0.0.1"]] },
      routed: ["10.0.0.1/32", "192.168.0.0/16 via 10.0.0.1"],
    },
    {
      title: "chooses the next hop of the route's family",
      routes: { dst: ["10.0.0.1/32", "2001:db8::9/128"], srcRoutes: [["::/0", ""]] },
      routed: ["10.0.0.1/32", "2001:db8::9/128", "::/0 via 2001:db8::9"],
    },
    {
      title: "keeps one route to a network, the one listed last",
      routes: { dst: ["10.0.0.1/32"], srcRoutes: [["10.0.0.1/32", "10.0.0.9"]] },
      routed: ["10.0.0.1/32 via 10.0.0.9"],
    },
  ]
  for (const { title, routes, routed } of cases) {
    it(title, () => {
      const wire = plan({
        connection: connection(routes),
        incoming: kernel("c", "nsm-1"),
        outgoing: vxlan({}),
      })
      assert.deepEqual(texts(wire.ends[0]).routes, routed)
    })
  }

  const refused: {
    title: string
    given?: Given
    incoming?: Mechanism
    outgoing?: Mechanism
    reason: string
    text: RegExp
  }[] = [
    {
      title: "two tunnels",
      incoming: vxlan({}),
      outgoing: vxlan({}),
      reason: "MECHANISM_UNSUPPORTED",
      text: /VXLAN to VXLAN/,
    },
    {
      title: "a tunnel between two ports",
      outgoing: vxlan({ dst_port: "4790" }),
      reason: "MECHANISM_UNSUPPORTED",
      text: /4789 to port 4790/,
    },
    {
      title: "a tunnel without vni",
      outgoing: vxlan({ vni: "" }),
      reason: "INVALID_REQUEST",
      text: /vni/,
    },
    {
      title: "a vni of 25 bits",
      outgoing: vxlan({ vni: "16777216" }),
      reason: "INVALID_REQUEST",
      text: /16777215/,
    },
    {
      title: "a tunnel without far address",
      outgoing: vxlan({ dst_ip: "" }),
      reason: "INVALID_REQUEST",
      text: /dst_ip/,
    },
    {
      title: "an interface without name",
      incoming: kernel("c", ""),
      reason: "INVALID_REQUEST",
      text: /name/,
    },
    {
      title: "an address that is none",
      given: { src: ["10.0.0/8"] },
      reason: "INVALID_REQUEST",
      text: /src_ip_addrs holds "10.0.0\/8"/,
    },
    {
      title: "a next hop of another family",
      given: { srcRoutes: [["10.0.0.0/8", "::1"]] },
      reason: "INVALID_REQUEST",
      text: /family/,
    },
    {
      title: "a hardware address that is none",
      given: { srcMac: "02:00" },
      reason: "INVALID_REQUEST",
      text: /src_mac/,
    },
    {
      title: "an MTU too small for IP",
      given: { MTU: 10 },
      reason: "INVALID_REQUEST",
      text: /MTU of 10/,
    },
  ]
  for (const {
    title,
    given = {},
    incoming = kernel("c", "nsm-1"),
    outgoing = vxlan({}),
    reason,
    text,
  } of refused) {
    it(`refuses ${title}`, () => {
      assert.throws(
        () => plan({ connection: connection(given), incoming, outgoing }),
        (error: unknown) =>
          error instanceof NsmError && error.reason === reason && text.test(error.text),
      )
    })
  }
})

interface Given {
  src?: string[]
  dst?: string[]
  srcRoutes?: [prefix: string, nextHop: string][]
  MTU?: number
  payload?: string
  srcMac?: string
  ipNeighbors?: { ip: string; hardwareAddress: string }[]
}

function connection(given: Given): Connection {
  const { src = ["172.16.1.1/32", "2001:db8::1/128"], dst = ["172.16.1.0/32", "2001:db8::/128"] } =
    given
  const { srcRoutes = [], MTU = 9000, payload = "ETHERNET", srcMac = "", ipNeighbors = [] } = given
  const init: MessageInitShape<typeof ConnectionSchema> = {
    id: "forwarder-2",
    payload,
    path: { index: 2, pathSegments: [{ id: "nsc-0" }, { id: "nsmgr-1" }, { id: "forwarder-2" }] },
    context: {
      MTU,
      ethernetContext: { srcMac },
      ipContext: {
        srcIpAddrs: src,
        dstIpAddrs: dst,
        srcRoutes: srcRoutes.map(([prefix, nextHop]) => ({ prefix, nextHop })),
        ipNeighbors,
      },
    },
  }
  return create(ConnectionSchema, init)
}

function kernel(namespace: string, name: string): Mechanism {
  return create(MechanismSchema, {
    cls: "LOCAL",
    type: "KERNEL",
    parameters: { inodeURL: `file:///${namespace}`, name },
  })
}

function unnumbered(mechanism: Mechanism): Mechanism {
  return { ...mechanism, parameters: { ...mechanism.parameters, unnumbered: "true" } }
}

function vxlan(changes: Record<string, string>): Mechanism {
  const parameters = {
    src_ip: "192.0.2.1",
    dst_ip: "192.0.2.2",
    src_port: "4789",
    dst_port: "4789",
    vni: "77",
  }
  return create(MechanismSchema, {
    cls: "REMOTE",
    type: "VXLAN",
    parameters: { ...parameters, ...changes },
  })
}

function texts({ namespace, name, alias, mtu, addresses, routes, neighbours }: WireEnd) {
  return {
    namespace,
    name,
    alias,
    mtu,
    addresses,
    routes: routes?.map(({ prefix, gateway }) => (gateway ? `${prefix} via ${gateway}` : prefix)),
    neighbours: neighbours?.map(({ ip, mac }) => `${ip} ${mac}`),
  }
}
