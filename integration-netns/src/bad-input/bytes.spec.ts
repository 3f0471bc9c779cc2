import assert from "node:assert/strict"
import { create, toBinary } from "@bufbuild/protobuf"
import { type ServiceError, status } from "@grpc/grpc-js"
import { NetworkServiceRequestSchema } from "@nsm/api"
import { networkServiceWire, silentLog, systemClock, withCall } from "@nsm/sdk"
import { connectionsAt } from "../lab/connections.ts"
import { Lab, type LabNode } from "../lab/lab.ts"
import { needsPrivilege } from "../lab/privilege.ts"
import { sendRaw, told } from "../lab/raw-client.ts"
import { assertRefused } from "../lab/refusal.ts"

const requestPath = "/networkservice.NetworkService/Request"
const whole = Buffer.from(
  toBinary(
    NetworkServiceRequestSchema,
    create(NetworkServiceRequestSchema, {
      connection: { id: "nsc-0", networkService: "icmp-responder" },
    }),
  ),
)

describe("what a manager answers to a peer that errs", function () {
  this.timeout(60_000)
  let lab: Lab
  let node: LabNode
  before(needsPrivilege)
  before(async () => {
    lab = await Lab.up()
    node = await lab.addNode("node-1")
    await lab.addEndpoint("nse-1", node)
  })
  after(() => lab?.[Symbol.asyncDispose]())
  afterEach(async () => {
    assert.deepEqual(await connectionsAt(node.manager), 0)
    assert.deepEqual(lab.interfaces("nse-1"), [])
  })

  const malformed: readonly [title: string, path: string, bytes: Buffer][] = [
    ["a truncated request", requestPath, whole.subarray(0, -1)],
    ["a field of an impossible wire type", requestPath, Buffer.from([0x0f, 0x01])],
    [
      "a length that goes beyond the message",
      requestPath,
      Buffer.from([0x0a, 0xff, 0xff, 0xff, 0x7f]),
    ],
    ["a varint without an end", requestPath, Buffer.alloc(11, 0xff)],
    ["text that is not UTF-8", requestPath, Buffer.from([0x0a, 0x04, 0x0a, 0x02, 0xc3, 0x28])],
    [
      "a close that is no connection",
      "/networkservice.NetworkService/Close",
      Buffer.from([0x0a, 0x09, 0x41]),
    ],
    [
      "a registration that is none",
      "/registry.NetworkServiceEndpointRegistry/Register",
      Buffer.from([0x0a, 0x09, 0x41]),
    ],
  ]
  for (const [title, path, bytes] of malformed) {
    it(`refuses ${title} with MALFORMED_MESSAGE, and says where`, async () => {
      const failure = await raw(path, bytes)
      assert.equal(failure.code, status.INVALID_ARGUMENT, failure.message)
      const { reason, hop } = told(failure)
      assert.deepEqual(
        { reason, hop },
        { reason: "MALFORMED_MESSAGE", hop: "nsmgr-node-1" },
        failure.message,
      )
    })
  }

  it("refuses a method that there is not", async () => {
    const failure = await raw("/networkservice.NetworkService/Teleport", whole)
    assert.equal(failure.code, status.UNIMPLEMENTED, failure.message)
  })

  it("goes on serving after all of that", async () => {
    const failure = await raw(requestPath, whole)
    // It is read and judged: a request without a path has no caller's token in it.
    assert.equal(told(failure).reason, "PERMISSION_DENIED", failure.message)
  })

  const segment = (name: string, id = `${name}-0`) => ({ name, id })
  it("refuses a path index beyond its segments with PATH_INVALID", async () => {
    const path = { index: 5, pathSegments: [segment("nsc")] }
    await assertRefused(request({ id: "nsc-0", path }), {
      ...{ reason: "PATH_INVALID", hop: "nsmgr-node-1", text: /index.*5/ },
    })
  })

  it("refuses a connection id that is not that of its segment with PATH_INVALID", async () => {
    const path = { index: 0, pathSegments: [segment("nsc", "another")] }
    await assertRefused(request({ id: "nsc-0", path }), {
      ...{
        reason: "PATH_INVALID",
        hop: "nsmgr-node-1",
        text: /nsc-0[\s\S]*another|another[\s\S]*nsc-0/,
      },
    })
  })

  function raw(path: string, bytes: Buffer): Promise<ServiceError> {
    return sendRaw(node.managerUrl, { path, bytes }, lab.identity.source?.current)
  }

  async function request(connection: object): Promise<unknown> {
    await using transport = lab.transport()
    const service = transport.client(node.managerUrl, networkServiceWire)
    const message = create(NetworkServiceRequestSchema, {
      connection: { networkService: "icmp-responder", ...connection },
    })
    return await withCall({ clock: systemClock, log: silentLog, timeoutMs: 5000 }, (call) =>
      service.request(message, call),
    )
  }
})

describe("what a manager without identities answers to a peer that errs", function () {
  this.timeout(60_000)
  before(needsPrivilege)

  it("refuses a truncated request with MALFORMED_MESSAGE, and serves the next one", async () => {
    await using lab = await Lab.up({ identities: "none" })
    const node = await lab.addNode("node-1")
    await lab.addEndpoint("nse-1", node)
    const bytes = whole.subarray(0, -1)
    const failure = await sendRaw(node.managerUrl, { path: requestPath, bytes })
    assert.equal(told(failure).reason, "MALFORMED_MESSAGE", failure.message)
    await using clients = lab.clients(node)
    const { url: namespaceUrl } = lab.addNetwork("client")
    await clients.close(await clients.request({ id: "after-that", namespaceUrl }))
  })
})
