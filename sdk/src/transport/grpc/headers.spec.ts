import assert from "node:assert/strict"
import { NsmError } from "../../core/errors.ts"
import { receivedHeaders, sentHeaders } from "./headers.ts"

describe("headers of calls", () => {
  it("go as names and values in turn", () => {
    const headers = new Map([
      ["path", "[]"],
      ["grpctracing", "1"],
    ])
    assert.deepEqual([...sentHeaders(headers)], ["path", "[]", "grpctracing", "1"])
  })

  it("that HTTP/2 would not carry are refused by name", () => {
    for (const value of ["Gerät", "two\nlines", " blank", "blank "]) {
      assert.throws(
        () => [...sentHeaders(new Map([["path", value]]))],
        (thrown) => thrown instanceof NsmError && /"path"/.test(thrown.text),
        value,
      )
    }
    assert.deepEqual([...sentHeaders(new Map([["path", ""]]))], ["path", ""])
  })

  it("come without those of HTTP/2 and gRPC", () => {
    const came = receivedHeaders({
      ...{ ":path": "/a.B/C", "content-type": "application/grpc", te: "trailers" },
      ...{
        "grpc-timeout": "1S",
        "trace-bin": "AAA",
        "nsm-client-token": "x.y.z",
        grpctracing: "1",
      },
    })
    assert.deepEqual(Object.fromEntries(came), { "nsm-client-token": "x.y.z", grpctracing: "1" })
  })
})
