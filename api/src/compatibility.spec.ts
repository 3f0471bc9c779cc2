import { create, equals, fromBinary, toBinary, toJson } from "@bufbuild/protobuf"
import assert from "node:assert/strict"
import { int, nested, text } from "./by-hand.spec.ts"
import {
  ConnectionContextSchema,
  ConnectionEventType,
  ConnectionSchema,
  HealthCheckResponse_ServingStatus,
  IpamType,
  IpFamily_Family,
  State,
} from "./index.ts"

describe("messages of other versions", () => {
  it("keep a state that is not known yet", () => {
    const bytes = Uint8Array.from(int(9, 77))
    const decoded = fromBinary(ConnectionSchema, bytes)
    assert.equal(decoded.state, 77)
    assert.deepEqual(toBinary(ConnectionSchema, decoded), bytes)
  })

  it("keep a negative enum value, which takes ten bytes", () => {
    const bytes = Uint8Array.from(int(9, 2n ** 64n - 2n))
    const decoded = fromBinary(ConnectionSchema, bytes)
    assert.equal(decoded.state, -2)
    assert.deepEqual(toBinary(ConnectionSchema, decoded), bytes)
  })

  it("may have their fields in any order, and the last of a single field counts", () => {
    const bytes = Uint8Array.from([...text(8, "IP"), ...text(1, "old"), ...text(1, "new")])
    const expected = create(ConnectionSchema, { id: "new", payload: "IP" })
    assert.ok(equals(ConnectionSchema, fromBinary(ConnectionSchema, bytes), expected))
  })

  it("may leave out the key or the value of a map's entry", () => {
    const bytes = Uint8Array.from([...nested(5, text(1, "app")), ...nested(5, text(2, "x"))])
    assert.deepEqual(fromBinary(ConnectionSchema, bytes).labels, { app: "", "": "x" })
  })
})

describe("the JSON of messages", () => {
  it("spells MTU and nextHop as peers do", () => {
    const context = {
      MTU: 1500,
      ipContext: { srcRoutes: [{ prefix: "::/0", nextHop: "fe80::1" }] },
    }
    const message = create(ConnectionContextSchema, context)
    assert.deepEqual(toJson(ConnectionContextSchema, message), context)
  })
})

describe("the enums", () => {
  const tables: [actual: Record<string, number>, expected: Record<string, number>][] = [
    [State, { UP: 0, DOWN: 1, REFRESH_REQUESTED: 2, RESELECT_REQUESTED: 3 }],
    [ConnectionEventType, { INITIAL_STATE_TRANSFER: 0, UPDATE: 1, DELETE: 2 }],
    [IpFamily_Family, { IPV4: 0, IPV6: 1 }],
    [IpamType, { UNDEFINED: 0, ALLOCATE: 1, DELETE: 2 }],
    [
      HealthCheckResponse_ServingStatus,
      { UNKNOWN: 0, SERVING: 1, NOT_SERVING: 2, SERVICE_UNKNOWN: 3 },
    ],
  ]

  it("have the names and numbers that peers know", () => {
    for (const [actual, expected] of tables) {
      assert.deepEqual({ ...actual }, expected)
    }
  })
})
