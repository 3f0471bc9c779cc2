import { create, fromBinary, toBinary } from "@bufbuild/protobuf"
import {
  FieldDescriptorProtoSchema,
  FileDescriptorProtoSchema,
  ListValueSchema,
} from "@bufbuild/protobuf/wkt"
import assert from "node:assert/strict"
import { int, nested, text } from "./by-hand.spec.ts"
import { ConnectionSchema, NetworkServiceEndpointSchema } from "./index.ts"
import { wireCheck } from "./wire-check.ts"

describe("wireCheck", () => {
  const check = wireCheck(ConnectionSchema)

  it("rejects a known field of another wire type, and names the field", () => {
    const bytes = Uint8Array.from(int(1, 5))
    const message = "field 1 (id) of connection.Connection has wire type 0, not 2"
    assert.throws(() => check(bytes), { message })
  })

  it("rejects the wrong wire type deep within, and names the message that it is in", () => {
    const bytes = Uint8Array.from(nested(6, nested(2, int(1, 5))))
    const message = "field 1 (name) of connection.PathSegment has wire type 0, not 2"
    assert.throws(() => check(bytes), { message })
  })

  it("rejects the wrong wire type in a map's entry", () => {
    const key = "field 1 (key) of an entry of labels has wire type 0, not 2"
    assert.throws(() => check(Uint8Array.from(nested(5, int(1, 5)))), { message: key })
    const value = "field 2 (value) of an entry of network_service_labels has wire type 0, not 2"
    const bytes = Uint8Array.from(nested(3, int(2, 5)))
    assert.throws(() => wireCheck(NetworkServiceEndpointSchema)(bytes), { message: value })
  })

  it("rejects a nested message whose content runs past its end, which fromBinary takes", () => {
    // A mechanism of two bytes, in which the class claims six: the rest is the next field's.
    const bytes = Uint8Array.from([0x1a, 0x02, 0x0a, 0x06, ...text(8, "IPv4")])
    assert.equal(fromBinary(ConnectionSchema, bytes).mechanism?.cls, "B\u0004IPv4")
    assert.throws(() => check(bytes), RangeError)
  })

  it("rejects an unknown field that runs past the end", () => {
    assert.throws(() => check(Uint8Array.from(text(1000, "later").slice(0, -1))), RangeError)
  })

  it("takes nothing as a message without fields", () => {
    assert.doesNotThrow(() => check(new Uint8Array()))
  })

  it("takes repeated numbers packed and one by one", () => {
    const file = wireCheck(FileDescriptorProtoSchema)
    assert.doesNotThrow(() => file(Uint8Array.from([...int(10, 1), ...int(10, 2)])))
    assert.doesNotThrow(() => file(Uint8Array.from(nested(10, [1, 2]))))
    const number = wireCheck(FieldDescriptorProtoSchema)
    assert.throws(() => number(Uint8Array.from(nested(3, [1, 2]))), Error)
  })

  it("follows messages that contain themselves", () => {
    const list = create(ListValueSchema, {
      values: [{ kind: { case: "listValue", value: { values: [{}] } } }],
    })
    const numbers = create(ListValueSchema, {
      values: [{ kind: { case: "numberValue", value: 1 } }],
    })
    assert.doesNotThrow(() => wireCheck(ListValueSchema)(toBinary(ListValueSchema, list)))
    assert.doesNotThrow(() => wireCheck(ListValueSchema)(toBinary(ListValueSchema, numbers)))
  })
})
