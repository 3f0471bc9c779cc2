import type { DescMethod, DescService } from "@bufbuild/protobuf"
import { create, equals } from "@bufbuild/protobuf"
import assert from "node:assert/strict"
import { int, text } from "./by-hand.spec.ts"
import {
  ConnectionSchema,
  grpcMethod,
  HealthService,
  IpamService,
  MonitorConnectionService,
  NetworkServiceEndpointRegistryService,
  NetworkServiceRegistryService,
  NetworkServiceRequestSchema,
  NetworkServiceService,
  SpiffeWorkloadService,
} from "./index.ts"

const services: DescService[] = [
  NetworkServiceService,
  MonitorConnectionService,
  NetworkServiceRegistryService,
  NetworkServiceEndpointRegistryService,
  IpamService,
  HealthService,
  SpiffeWorkloadService,
]

// Path, request, response, and who streams; as the interface gives them.
const table = `
/networkservice.NetworkService/Request networkservice.NetworkServiceRequest connection.Connection -
/networkservice.NetworkService/Close connection.Connection google.protobuf.Empty -
/connection.MonitorConnection/MonitorConnections connection.MonitorScopeSelector connection.ConnectionEvent server
/registry.NetworkServiceRegistry/Register registry.NetworkService registry.NetworkService -
/registry.NetworkServiceRegistry/Find registry.NetworkServiceQuery registry.NetworkServiceResponse server
/registry.NetworkServiceRegistry/Unregister registry.NetworkService google.protobuf.Empty -
/registry.NetworkServiceEndpointRegistry/Register registry.NetworkServiceEndpoint registry.NetworkServiceEndpoint -
/registry.NetworkServiceEndpointRegistry/Find registry.NetworkServiceEndpointQuery registry.NetworkServiceEndpointResponse server
/registry.NetworkServiceEndpointRegistry/Unregister registry.NetworkServiceEndpoint google.protobuf.Empty -
/ipam.IPAM/ManagePrefixes ipam.PrefixRequest ipam.PrefixResponse both
/grpc.health.v1.Health/Check grpc.health.v1.HealthCheckRequest grpc.health.v1.HealthCheckResponse -
/grpc.health.v1.Health/Watch grpc.health.v1.HealthCheckRequest grpc.health.v1.HealthCheckResponse server
/SpiffeWorkloadAPI/FetchX509SVID X509SVIDRequest X509SVIDResponse server
/SpiffeWorkloadAPI/FetchX509Bundles X509BundlesRequest X509BundlesResponse server
`

function row(method: DescMethod): string {
  const { path, requestStream, responseStream } = grpcMethod(method)
  const streams = requestStream ? "both" : responseStream ? "server" : "-"
  return [path, method.input.typeName, method.output.typeName, streams].join(" ")
}

describe("grpcMethod", () => {
  const request = grpcMethod(NetworkServiceService.method.request)

  it("gives every method the path, the messages and the streaming that peers know", () => {
    const rows = services.flatMap(({ methods }) => methods.map(row))
    assert.deepEqual(rows, table.trim().split("\n"))
  })

  it("carries requests and responses through their bytes", () => {
    const sent = create(NetworkServiceRequestSchema, { connection: { id: "u1" } })
    const arrived = request.requestDeserialize(request.requestSerialize(sent))
    assert.ok(equals(NetworkServiceRequestSchema, arrived, sent))
    const answer = create(ConnectionSchema, { id: "u1", payload: "IP" })
    const back = request.responseDeserialize(request.responseSerialize(answer))
    assert.ok(equals(ConnectionSchema, back, answer))
  })

  it("gives the bytes as a Buffer of just the message", () => {
    const bytes = request.responseSerialize(create(ConnectionSchema, { id: "u1" }))
    assert.ok(Buffer.isBuffer(bytes))
    assert.deepEqual([...bytes], text(1, "u1"))
  })

  it("decodes bytes that lie within a larger Buffer", () => {
    const bytes = Buffer.from([0xff, 0xff, ...text(1, "u1"), 0xff]).subarray(2, -1)
    assert.equal(request.responseDeserialize(bytes).id, "u1")
  })

  it("rejects truncated bytes, saying what was to be decoded from how much and why", () => {
    const bytes = Buffer.from(text(1, "u1")).subarray(0, 3)
    assert.throws(
      () => request.responseDeserialize(bytes),
      (error: Error) => {
        assert.equal(
          error.message,
          "decode connection.Connection of /networkservice.NetworkService/Request" +
            " from 3 bytes: premature EOF",
        )
        assert.ok(error.cause instanceof RangeError)
        return true
      },
    )
  })

  it("rejects text that is not UTF-8", () => {
    const bytes = Buffer.from([0x0a, 0x01, 0xff])
    assert.throws(() => request.responseDeserialize(bytes), /from 3 bytes: .*utf-8/)
  })

  it("rejects a field of the wrong wire type", () => {
    const bytes = Buffer.from(int(1, 5))
    assert.throws(() => request.responseDeserialize(bytes), /field 1 \(id\).*wire type 0, not 2/)
  })

  it("rejects a message that cannot be encoded, naming the message and the method", () => {
    const message = create(ConnectionSchema, { path: { index: -1 } })
    assert.throws(
      () => request.responseSerialize(message),
      /^Error: encode connection\.Connection of \/networkservice\.NetworkService\/Request: .*-1/,
    )
  })
})
