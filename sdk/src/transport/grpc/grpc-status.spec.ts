import assert from "node:assert/strict"
import { constants } from "node:http2"
import { NsmError } from "../../core/errors.ts"
import { type Ending, failureHeaders, failureOf, wellHeaders } from "./grpc-status.ts"

describe("the end of an answer", () => {
  const ok = { ":status": "200", "content-type": "application/grpc" }
  const end = (ending: Partial<Ending>): Ending => ({
    ...{ headers: ok, trailers: undefined, isLost: false, rstCode: constants.NGHTTP2_NO_ERROR },
    ...ending,
  })
  const told = (ending: Partial<Ending>): string => {
    const { reason = "", code = "", text = "" } = failureOf(end(ending), "tcp://peer:1") ?? {}
    return `${reason} ${code} ${text}`
  }

  it("is well when the trailers say so", () => {
    assert.equal(failureOf(end({ trailers: wellHeaders }), "x"), undefined)
    // Whatever happens to the connection after that.
    assert.equal(failureOf(end({ trailers: wellHeaders, isLost: true }), "x"), undefined)
  })

  it("gives the error that a peer of ours failed with", () => {
    const sent = new NsmError("ADDRESSES_EXHAUSTED", "€ 172.16.0.0/31 is full\n")
    const failure = failureOf(end({ trailers: failureHeaders(sent, "nse-1") }), "x")
    assert.equal(failure?.reason, "ADDRESSES_EXHAUSTED")
    assert.equal(failure?.hop, "nse-1")
    assert.equal(failure?.text, "€ 172.16.0.0/31 is full\n")
  })

  it("may come with the headers, when there is nothing else", () => {
    const headers = { ...ok, "grpc-status": "5", "grpc-message": "no%20such" }
    assert.equal(told({ headers }), "PEER_FAILED NOT_FOUND tcp://peer:1: no such")
  })

  it("is a failure when a connection is lost, which is told even of a reset", () => {
    const lost = { isLost: true, rstCode: constants.NGHTTP2_CANCEL }
    assert.equal(told(lost), "PEER_UNREACHABLE UNAVAILABLE tcp://peer:1: the connection was lost")
  })

  it("is told by HTTP where a peer does not speak gRPC", () => {
    assert.match(told({ headers: { ":status": "503" } }), /^PEER_UNREACHABLE UNAVAILABLE .*503/)
    assert.match(told({ headers: { ":status": "404" } }), /^UNIMPLEMENTED UNIMPLEMENTED .*404/)
    assert.match(told({ headers: { ":status": "500" } }), /^PEER_FAILED UNKNOWN .*500/)
  })

  it("is told by HTTP/2 where a peer says nothing", () => {
    const { NGHTTP2_CANCEL, NGHTTP2_PROTOCOL_ERROR } = constants
    assert.match(told({ rstCode: NGHTTP2_CANCEL }), /^CANCELLED CANCELLED /)
    assert.match(told({ rstCode: NGHTTP2_PROTOCOL_ERROR }), /^PEER_FAILED INTERNAL .*code 1$/)
    assert.match(told({}), /^PEER_FAILED UNKNOWN .*without a status/)
  })
})
