import type { DescMessage, Message, MessageInitShape } from "@bufbuild/protobuf"
import { clone, create, equals, fromBinary, isFieldSet, toBinary } from "@bufbuild/protobuf"
import assert from "node:assert/strict"
import { entry, int, nested, text } from "./by-hand.spec.ts"
import * as api from "./index.ts"
import { wireCheck } from "./wire-check.ts"

/** A message and its bytes, put together by hand from the tables of the interface. */
interface Vector {
  readonly schema: DescMessage
  readonly message: Message
  readonly fields: readonly number[][]
}

function vector<Desc extends DescMessage>(
  schema: Desc,
  init: MessageInitShape<Desc>,
  ...fields: number[][]
): Vector {
  return { schema, message: create(schema, init), fields }
}

// 2025-01-02T03:04:05.6Z
const time = { seconds: 1735787045n, nanos: 600_000_000 }
const timeBytes = [int(1, 1735787045), int(2, 600_000_000)]

const connectioncontext = [
  vector(
    api.IpNeighborSchema,
    { ip: "10.0.0.1", hardwareAddress: "02:00:00:00:00:01" },
    text(1, "10.0.0.1"),
    text(2, "02:00:00:00:00:01"),
  ),
  vector(
    api.RouteSchema,
    { prefix: "2001:db8::/64", nextHop: "2001:db8::1" },
    text(1, "2001:db8::/64"),
    text(2, "2001:db8::1"),
  ),
  vector(api.IpFamilySchema, { family: api.IpFamily_Family.IPV6 }, int(1, 1)),
  vector(
    api.ExtraPrefixRequestSchema,
    {
      addrFamily: { family: api.IpFamily_Family.IPV6 },
      prefixLen: 64,
      requiredNumber: 1,
      requestedNumber: 300,
    },
    nested(1, int(1, 1)),
    int(2, 64),
    int(3, 1),
    int(4, 300),
  ),
  vector(
    api.PolicyRouteSchema,
    {
      from: "172.16.2.201/32",
      proto: "17",
      dstPort: "6666",
      srcPort: "1000-2000",
      routes: [{ prefix: "172.16.2.0/24", nextHop: "172.16.2.200" }, {}],
    },
    text(1, "172.16.2.201/32"),
    text(2, "17"),
    text(3, "6666"),
    text(4, "1000-2000"),
    nested(5, text(1, "172.16.2.0/24"), text(2, "172.16.2.200")),
    nested(5),
  ),
  vector(
    api.IPContextSchema,
    {
      srcIpAddrs: ["172.16.1.101/32", "2001:db8::1/128"],
      dstIpAddrs: ["172.16.1.100/32"],
      srcIpRequired: true,
      dstIpRequired: true,
      srcRoutes: [{ prefix: "172.16.1.100/32" }],
      dstRoutes: [{ prefix: "172.16.1.101/32" }],
      excludedPrefixes: ["10.96.0.0/12"],
      ipNeighbors: [{ ip: "172.16.1.100" }],
      extraPrefixRequest: [{ prefixLen: 24 }],
      extraPrefixes: ["10.1.0.0/24"],
      policies: [{ proto: "6" }],
    },
    text(1, "172.16.1.101/32"),
    text(1, "2001:db8::1/128"),
    text(2, "172.16.1.100/32"),
    int(3, 1),
    int(4, 1),
    nested(5, text(1, "172.16.1.100/32")),
    nested(6, text(1, "172.16.1.101/32")),
    text(7, "10.96.0.0/12"),
    nested(8, text(1, "172.16.1.100")),
    nested(9, int(2, 24)),
    text(10, "10.1.0.0/24"),
    nested(11, text(2, "6")),
  ),
  vector(
    api.DNSConfigSchema,
    { dnsServerIps: ["10.0.0.53"], searchDomains: ["my.domain1"] },
    text(1, "10.0.0.53"),
    text(2, "my.domain1"),
  ),
  vector(
    api.DNSContextSchema,
    { configs: [{ dnsServerIps: ["10.0.0.53"] }] },
    nested(1, text(1, "10.0.0.53")),
  ),
  vector(
    api.EthernetContextSchema,
    { srcMac: "02:00:00:00:00:01", dstMac: "02:00:00:00:00:02", vlanTag: 1234 },
    text(1, "02:00:00:00:00:01"),
    text(2, "02:00:00:00:00:02"),
    int(3, 1234),
  ),
  vector(
    api.ConnectionContextSchema,
    {
      ipContext: { srcIpRequired: true },
      dnsContext: {},
      ethernetContext: { vlanTag: 7 },
      extraContext: { key: "value", empty: "" },
      MTU: 9000,
    },
    nested(1, int(3, 1)),
    nested(2),
    nested(3, int(3, 7)),
    entry(4, "key", "value"),
    entry(4, "empty", ""),
    int(5, 9000),
  ),
]

const connection = [
  vector(
    api.MechanismSchema,
    { cls: "REMOTE", type: "VXLAN", parameters: { src_ip: "10.0.0.1", vni: "4242" } },
    text(1, "REMOTE"),
    text(2, "VXLAN"),
    entry(3, "src_ip", "10.0.0.1"),
    entry(3, "vni", "4242"),
  ),
  vector(
    api.PathSegmentSchema,
    {
      name: "nsc",
      id: "nsc-0",
      token: "a.b.c",
      expires: time,
      metrics: { client_interface: "KERNEL/nsm-1" },
    },
    text(1, "nsc"),
    text(2, "nsc-0"),
    text(3, "a.b.c"),
    nested(4, ...timeBytes),
    entry(5, "client_interface", "KERNEL/nsm-1"),
  ),
  vector(
    api.PathSchema,
    { index: 1, pathSegments: [{ name: "nsc" }, { name: "nsmgr" }] },
    int(1, 1),
    nested(2, text(1, "nsc")),
    nested(2, text(1, "nsmgr")),
  ),
  vector(
    api.ConnectionSchema,
    {
      id: "u1",
      networkService: "icmp@cluster2",
      mechanism: { cls: "LOCAL" },
      context: { MTU: 1450 },
      labels: { app: "x" },
      path: { index: 1 },
      networkServiceEndpointName: "nse-ä",
      payload: "IP",
      state: api.State.RESELECT_REQUESTED,
    },
    text(1, "u1"),
    text(2, "icmp@cluster2"),
    nested(3, text(1, "LOCAL")),
    nested(4, int(5, 1450)),
    entry(5, "app", "x"),
    nested(6, int(1, 1)),
    text(7, "nse-ä"),
    text(8, "IP"),
    int(9, 3),
  ),
  vector(
    api.ConnectionEventSchema,
    { type: api.ConnectionEventType.DELETE, connections: { u1: { id: "u1", state: 1 } } },
    int(1, 2),
    nested(2, text(1, "u1"), nested(2, text(1, "u1"), int(9, 1))),
  ),
  vector(
    api.MonitorScopeSelectorSchema,
    { pathSegments: [{ id: "u1" }], networkServices: ["icmp"] },
    nested(1, text(2, "u1")),
    text(2, "icmp"),
  ),
]

const networkservice = [
  vector(
    api.NetworkServiceRequestSchema,
    {
      connection: { id: "u1" },
      mechanismPreferences: [{ type: "KERNEL" }, { type: "MEMIF" }],
    },
    nested(1, text(1, "u1")),
    nested(2, text(2, "KERNEL")),
    nested(2, text(2, "MEMIF")),
  ),
]

const registry = [
  vector(
    api.NetworkServiceSchema,
    { name: "icmp", payload: "IP", matches: [{ fallthrough: true }], pathIds: ["spiffe://a/b"] },
    text(1, "icmp"),
    text(2, "IP"),
    nested(3, int(3, 1)),
    text(4, "spiffe://a/b"),
  ),
  vector(
    api.MatchSchema,
    {
      sourceSelector: { app: "firewall" },
      routes: [{ destinationSelector: { app: "gateway" } }],
      fallthrough: true,
      metadata: { labels: { p2p: "true" } },
    },
    entry(1, "app", "firewall"),
    nested(2, entry(1, "app", "gateway")),
    int(3, 1),
    nested(4, entry(1, "p2p", "true")),
  ),
  vector(api.MetadataSchema, { labels: { p2p: "true" } }, entry(1, "p2p", "true")),
  vector(
    api.DestinationSchema,
    { destinationSelector: { nodeName: "{{ .nodeName }}" }, weight: 0xffffffff },
    entry(1, "nodeName", "{{ .nodeName }}"),
    int(2, 0xffffffff),
  ),
  vector(api.NetworkServiceLabelsSchema, { labels: { app: "x" } }, entry(1, "app", "x")),
  vector(
    api.NetworkServiceEndpointSchema,
    {
      name: "nse-1",
      networkServiceNames: ["icmp", "echo"],
      networkServiceLabels: { icmp: { labels: { app: "x" } } },
      url: "inode://4/4026532000",
      expirationTime: time,
      initialRegistrationTime: { seconds: 1n },
      pathIds: ["spiffe://a/nse", "spiffe://a/nsmgr"],
    },
    text(1, "nse-1"),
    text(2, "icmp"),
    text(2, "echo"),
    nested(3, text(1, "icmp"), nested(2, entry(1, "app", "x"))),
    text(4, "inode://4/4026532000"),
    nested(5, ...timeBytes),
    nested(6, int(1, 1)),
    text(7, "spiffe://a/nse"),
    text(7, "spiffe://a/nsmgr"),
  ),
  vector(
    api.NetworkServiceQuerySchema,
    { networkService: { name: "icmp" }, watch: true },
    nested(1, text(1, "icmp")),
    int(2, 1),
  ),
  vector(
    api.NetworkServiceEndpointQuerySchema,
    { networkServiceEndpoint: { networkServiceNames: ["icmp"] }, watch: true },
    nested(1, text(2, "icmp")),
    int(2, 1),
  ),
  vector(
    api.NetworkServiceResponseSchema,
    { networkService: { name: "icmp" }, deleted: true },
    nested(1, text(1, "icmp")),
    int(2, 1),
  ),
  vector(
    api.NetworkServiceEndpointResponseSchema,
    { networkServiceEndpoint: { name: "nse-1" }, deleted: true },
    nested(1, text(1, "nse-1")),
    int(2, 1),
  ),
]

const ipam = [
  vector(
    api.PrefixRequestSchema,
    { type: api.IpamType.DELETE, prefix: "10.0.1.0/24", excludePrefixes: ["10.96.0.0/12"] },
    int(1, 2),
    text(2, "10.0.1.0/24"),
    text(3, "10.96.0.0/12"),
  ),
  vector(
    api.PrefixResponseSchema,
    { prefix: "10.0.2.0/24", excludePrefixes: ["10.96.0.0/12"] },
    text(2, "10.0.2.0/24"),
    text(3, "10.96.0.0/12"),
  ),
]

const raw = (first: number): Uint8Array => Uint8Array.of(first, 0x00, 0xff)

const workload = [
  vector(api.X509SvidRequestSchema, {}),
  vector(
    api.X509SvidSchema,
    {
      spiffeId: "spiffe://nsm.local/nsc",
      x509Svid: raw(0x30),
      x509SvidKey: raw(0x31),
      bundle: raw(0x32),
      hint: "internal",
    },
    text(1, "spiffe://nsm.local/nsc"),
    nested(2, [...raw(0x30)]),
    nested(3, [...raw(0x31)]),
    nested(4, [...raw(0x32)]),
    text(5, "internal"),
  ),
  vector(
    api.X509SvidResponseSchema,
    {
      svids: [{ spiffeId: "a" }, { spiffeId: "b" }],
      crl: [raw(1), raw(2)],
      federatedBundles: { "spiffe://other": raw(3) },
    },
    nested(1, text(1, "a")),
    nested(1, text(1, "b")),
    nested(2, [...raw(1)]),
    nested(2, [...raw(2)]),
    nested(3, text(1, "spiffe://other"), nested(2, [...raw(3)])),
  ),
  vector(api.X509BundlesRequestSchema, {}),
  vector(
    api.X509BundlesResponseSchema,
    { crl: [raw(1)], bundles: { "spiffe://nsm.local": raw(2) } },
    nested(1, [...raw(1)]),
    nested(2, text(1, "spiffe://nsm.local"), nested(2, [...raw(2)])),
  ),
]

const others = [
  vector(
    api.HealthCheckRequestSchema,
    { service: "registry.NetworkServiceRegistry" },
    text(1, "registry.NetworkServiceRegistry"),
  ),
  vector(
    api.HealthCheckResponseSchema,
    { status: api.HealthCheckResponse_ServingStatus.SERVICE_UNKNOWN },
    int(1, 3),
  ),
  vector(
    api.StatusSchema,
    {
      code: 14,
      message: "no forwarder",
      details: [{ typeUrl: "type.googleapis.com/x.Y", value: new Uint8Array([8, 1]) }],
    },
    int(1, 14),
    text(2, "no forwarder"),
    nested(3, text(1, "type.googleapis.com/x.Y"), nested(2, [8, 1])),
  ),
  vector(
    api.ErrorInfoSchema,
    { reason: "NO_FORWARDER", domain: "nsm", metadata: { hop: "nsmgr" } },
    text(1, "NO_FORWARDER"),
    text(2, "nsm"),
    entry(3, "hop", "nsmgr"),
  ),
]

const vectors = [
  ...connectioncontext,
  ...connection,
  ...networkservice,
  ...registry,
  ...ipam,
  ...workload,
  ...others,
]

// A field that no version of the interface has, in each of the wire types.
const unknown = [
  int(1000, 2n ** 64n - 1n),
  text(1001, "later"),
  [0xd5, 0x3e, 1, 2, 3, 4], // field 1002, four bytes
  [0xd9, 0x3e, 1, 2, 3, 4, 5, 6, 7, 8], // field 1003, eight bytes
].flat()

function decode(schema: DescMessage, bytes: Uint8Array): Message {
  wireCheck(schema)(bytes)
  return fromBinary(schema, bytes)
}

function bytesOf(fields: readonly number[][]): Uint8Array {
  return Uint8Array.from(fields.flat())
}

describe("the golden vectors", () => {
  it("cover every message of every file, and every field of it", () => {
    const files = new Set(vectors.map(({ schema }) => schema.file))
    const described = [...files].flatMap(({ messages }) => messages.map((m) => m.typeName))
    assert.deepEqual(vectors.map(({ schema }) => schema.typeName).toSorted(), described.toSorted())
    for (const { schema, message } of vectors) {
      const unset = schema.fields.filter((field) => !isFieldSet(message, field))
      assert.deepEqual(unset.map(String), [], schema.typeName)
    }
  })

  it("come from files with the bare names and the packages that peers know", () => {
    const files = new Set(vectors.map(({ schema }) => schema.file))
    const names = [...files].map(({ name, proto }) => [`${name}.proto`, proto.package])
    assert.deepEqual(names, [
      ["connectioncontext.proto", "connectioncontext"],
      ["connection.proto", "connection"],
      ["networkservice.proto", "networkservice"],
      ["registry.proto", "registry"],
      ["ipam.proto", "ipam"],
      ["workload.proto", ""],
      ["grpc/health/v1/health.proto", "grpc.health.v1"],
      ["google/rpc/status.proto", "google.rpc"],
      ["google/rpc/error_details.proto", "google.rpc"],
    ])
  })

  for (const { schema, message, fields } of vectors) {
    describe(schema.typeName, () => {
      const bytes = bytesOf(fields)

      it("decodes to the message", () => {
        assert.ok(equals(schema, decode(schema, bytes), message))
      })

      it("encodes to the same bytes", () => {
        assert.deepEqual(toBinary(schema, message), bytes)
      })

      it("keeps unknown fields through decoding, copying and encoding", () => {
        const longer = Uint8Array.from([...bytes, ...unknown])
        const decoded = decode(schema, longer)
        assert.deepEqual(toBinary(schema, decoded), longer)
        assert.deepEqual(toBinary(schema, clone(schema, decoded)), longer)
        assert.deepEqual(toBinary(schema, { ...decoded }), longer)
      })

      it("is rejected when cut anywhere but between fields", () => {
        const ends = new Set(fields.map((_, count) => bytesOf(fields.slice(0, count)).length))
        for (let length = 0; length < bytes.length; length++) {
          const cut = bytes.subarray(0, length)
          if (ends.has(length)) {
            assert.doesNotThrow(() => decode(schema, cut), `${length} bytes`)
          } else {
            assert.throws(() => decode(schema, cut), Error, `${length} bytes`)
          }
        }
      })

      it("is either rejected or still a message when any one bit is wrong", () => {
        for (let bit = 0; bit < bytes.length * 8; bit++) {
          const wrong = bytes.map((byte, at) => (at === bit >> 3 ? byte ^ (1 << (bit & 7)) : byte))
          const decoded = attempt(() => decode(schema, wrong))
          if (decoded !== undefined) {
            const again = decode(schema, toBinary(schema, decoded))
            assert.ok(equals(schema, again, decoded), `bit ${bit}`)
          }
        }
      })
    })
  }
})

function attempt<T>(work: () => T): T | undefined {
  try {
    return work()
  } catch {
    return undefined
  }
}

describe("the first request of a client", () => {
  // The interface's worked example, byte by byte.
  const hex = `
    0a 2d
      0a 05 6e 73 63 2d 30
      12 04 69 63 6d 70
      22 04 0a 00 12 00
      2a 08 0a 03 61 70 70 12 01 78
      32 0e 12 0c 0a 03 6e 73 63 12 05 6e 73 63 2d 30
    12 40
      0a 05 4c 4f 43 41 4c
      12 06 4b 45 52 4e 45 4c
      1a 0d 0a 04 6e 61 6d 65 12 05 6e 73 6d 2d 31
      1a 20 0a 08 69 6e 6f 64 65 55 52 4c
            12 14 69 6e 6f 64 65 3a 2f 2f 34 2f 34 30 32 36 35 33 32 30 30 30
  `
  const bytes = new Uint8Array(Buffer.from(hex.replaceAll(/\s/g, ""), "hex"))
  const request = create(api.NetworkServiceRequestSchema, {
    connection: {
      id: "nsc-0",
      networkService: "icmp",
      context: { ipContext: {}, dnsContext: {} },
      labels: { app: "x" },
      path: { index: 0, pathSegments: [{ name: "nsc", id: "nsc-0" }] },
    },
    mechanismPreferences: [
      {
        cls: api.MechanismClass.LOCAL,
        type: api.MechanismType.KERNEL,
        parameters: {
          [api.MechanismParameter.name]: "nsm-1",
          [api.MechanismParameter.inodeUrl]: "inode://4/4026532000",
        },
      },
    ],
  })

  it("decodes", () => {
    assert.ok(equals(api.NetworkServiceRequestSchema, decodeRequest(bytes), request))
  })

  it("encodes to the same bytes", () => {
    assert.deepEqual(toBinary(api.NetworkServiceRequestSchema, request), bytes)
  })
})

function decodeRequest(bytes: Uint8Array): api.NetworkServiceRequest {
  return fromBinary(api.NetworkServiceRequestSchema, bytes)
}
