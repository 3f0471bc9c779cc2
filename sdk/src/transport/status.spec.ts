import assert from "node:assert/strict"
import { create, fromBinary, toBinary } from "@bufbuild/protobuf"
import { anyUnpack, anyPack } from "@bufbuild/protobuf/wkt"
import { ErrorInfoSchema, StatusSchema } from "@nsm/api"
import fc from "fast-check"
import { causes, codeNumbers, NsmError, type StatusCode } from "../core/errors.ts"
import { type Reason, reasons } from "../core/reasons.ts"
import { decodeError, encodeError } from "./status.ts"

describe("status", () => {
  const peer = "unix:///run/nsm.sock"

  it("is one ErrorInfo per error, the outermost first", () => {
    const error = new NsmError("ALL_CANDIDATES_FAILED", "1 endpoint was tried", {
      element: "select-endpoint",
      cause: new NsmError("ADDRESSES_EXHAUSTED", "the pool is full", {
        hop: "nse",
        code: "ABORTED",
      }),
    })
    const { code, message, details } = encodeError(error, "forwarder")
    assert.equal(code, 14)
    assert.equal(message, "ALL_CANDIDATES_FAILED: [forwarder/select-endpoint] 1 endpoint was tried")
    const status = fromBinary(StatusSchema, details ?? new Uint8Array())
    assert.equal(status.code, code)
    assert.equal(status.message, message)
    const infos = status.details.map((any) => anyUnpack(any, ErrorInfoSchema))
    assert.deepEqual(
      infos.map((info) => [info?.reason, info?.domain, info?.metadata]),
      [
        [
          "ALL_CANDIDATES_FAILED",
          "networkservicemesh.io",
          { hop: "forwarder", element: "select-endpoint", text: "1 endpoint was tried" },
        ],
        [
          "ADDRESSES_EXHAUSTED",
          "networkservicemesh.io",
          { hop: "nse", code: "ABORTED", text: "the pool is full" },
        ],
      ],
    )
  })

  it("stays small enough for headers, however much an error says", () => {
    const leaf = new NsmError("INTERNAL", "ü".repeat(100_000))
    const error = new NsmError("ALL_CANDIDATES_FAILED", "e".repeat(100_000), {
      cause: new AggregateError(Array.from({ length: 1000 }, () => leaf)),
    })
    const { message, details } = encodeError(error, "forwarder")
    assert.ok(message.length <= 512, `${message.length} characters`)
    assert.ok(details && details.length < 24_000, `${details?.length} bytes`)
  })

  const foreign: Record<string, [code: StatusCode, reason: Reason]> = {
    "a plain error of Go": ["UNKNOWN", "PEER_FAILED"],
    "a policy's denial": ["PERMISSION_DENIED", "PERMISSION_DENIED"],
    "a missing token": ["UNAUTHENTICATED", "PERMISSION_DENIED"],
    "a missing method": ["UNIMPLEMENTED", "UNIMPLEMENTED"],
    "a passed deadline": ["DEADLINE_EXCEEDED", "DEADLINE_EXCEEDED"],
    "a lost connection": ["UNAVAILABLE", "PEER_UNREACHABLE"],
    "something not found": ["NOT_FOUND", "PEER_FAILED"],
  }
  for (const [title, [code, reason]] of Object.entries(foreign)) {
    it(`of ${title} keeps code and words, and names the peer`, () => {
      const status = { code: codeNumbers[code], message: "no candidates found", details: undefined }
      const error = decodeError(status, peer)
      assert.equal(error.reason, reason)
      assert.equal(error.code, code)
      assert.equal(error.text, `${peer}: no candidates found`)
      assert.equal(error.hop, undefined)
    })
  }

  it("with a reason of a later version is a peer's failure", () => {
    const info = create(ErrorInfoSchema, {
      reason: "WORMHOLE_CLOSED",
      domain: "networkservicemesh.io",
      metadata: { hop: "manager", text: "closed", code: "ABORTED" },
    })
    const details = [anyPack(ErrorInfoSchema, info)]
    const bytes = toBinary(StatusSchema, create(StatusSchema, { code: 10, details }))
    const error = decodeError({ code: 10, message: "x", details: bytes }, peer)
    assert.deepEqual(
      [error.reason, error.code, error.hop, error.text],
      ["PEER_FAILED", "ABORTED", "manager", "closed"],
    )
  })

  it("with details of another domain is foreign", () => {
    const info = create(ErrorInfoSchema, { reason: "CANCELLED", domain: "example.com" })
    const bytes = toBinary(
      StatusSchema,
      create(StatusSchema, { details: [anyPack(ErrorInfoSchema, info)] }),
    )
    const error = decodeError({ code: 2, message: "x", details: bytes }, peer)
    assert.equal(error.reason, "PEER_FAILED")
  })

  it("survives details of arbitrary bytes", () => {
    fc.assert(
      fc.property(fc.uint8Array(), fc.integer(), (details, code) => {
        assert.ok(decodeError({ code, message: "x", details }, peer) instanceof NsmError)
      }),
    )
  })

  it("restores any error as it was", () => {
    const leaf = fc.record({
      reason: fc.constantFrom(...(Object.keys(reasons) as Reason[])),
      text: fc.string({ minLength: 1, maxLength: 20, unit: "grapheme" }),
      hop: fc.constantFrom("nsc", "nsmgr", "nse"),
      element: fc.option(fc.constantFrom("begin", "connect"), { nil: undefined }),
    })
    const tree = (depth: number): fc.Arbitrary<NsmError> =>
      fc
        .tuple(leaf, depth > 0 ? fc.array(tree(depth - 1), { maxLength: 2 }) : fc.constant([]))
        .map(([{ reason, text, hop, element }, led]) => {
          const cause = led.length > 1 ? new AggregateError(led) : led[0]
          return new NsmError(reason, text, { hop, element, ...(cause && { cause }) })
        })
    const shape = (error: unknown): unknown =>
      error instanceof NsmError
        ? [error.message, error.code, error.hop, error.element, causes(error).map(shape)]
        : error
    fc.assert(
      fc.property(tree(3), (error) => {
        assert.deepEqual(shape(decodeError(encodeError(error, "hop"), peer)), shape(error))
      }),
    )
  })
})
