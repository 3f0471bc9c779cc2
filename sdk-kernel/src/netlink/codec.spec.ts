import assert from "node:assert/strict"
import { NsmError } from "@nsm/sdk"
import fc from "fast-check"
import { decodeEchoReply } from "../icmp/echo-packet.ts"
import { hostIsLittleEndian } from "../ffi/layout.ts"
import { AF_INET, AF_INET6 } from "../ffi/libc.ts"
import { decodeAddress } from "../links/address.ts"
import { decodeLink } from "../links/link.ts"
import { decodeNeighbour } from "../links/neighbour.ts"
import { decodeRoute } from "../links/route.ts"
import { attributePath, decodeAcknowledgement, NLMSG } from "./acknowledgement.ts"
import { type Attribute, attributesAt, attributesOf, encodeAttributes } from "./attribute.ts"
import {
  concatenated,
  decodeMessages,
  encodeMessages,
  encodePayload,
  type Message,
} from "./message.ts"
import { ifaddrmsg, ifinfomsg, ndmsg, rtmsg } from "./rtnetlink.ts"
import { text } from "./value.ts"

const plain = { noNullPrototype: true }
const bytes = fc.uint8Array({ maxLength: 80 })
const u16 = fc.integer({ min: 0, max: 0xffff })
const u32 = fc.integer({ min: 0, max: 0xffffffff })
const attributes = fc.array(
  fc.record({ type: fc.integer({ min: 0, max: 0x3fff }), value: bytes }, plain),
)
const messages: fc.Arbitrary<Message[]> = fc.array(
  fc.record({ type: u16, flags: u16, sequence: u32, port: u32, payload: bytes }, plain),
)
/** As the kernel would write them, but with anything in the attributes. */
const payloads = fc.oneof(
  ...[ifinfomsg, ifaddrmsg, rtmsg, ndmsg].map((header) =>
    fc
      .tuple(
        fc.uint8Array({ minLength: header.size, maxLength: header.size }),
        fc.array(fc.record({ type: fc.integer({ min: 0, max: 64 }), value: bytes })),
      )
      .map(([fixed, list]) => concatenated([fixed, encodeAttributes(list)])),
  ),
)

function decodeAttributes(encoded: Uint8Array): Attribute[] {
  return [...attributesAt(encoded)].map(({ type, value }) => ({ type, value }))
}

describe("the netlink codec", () => {
  it("decodes the attributes that it encodes", () => {
    fc.assert(
      fc.property(attributes, (list) =>
        assert.deepEqual(decodeAttributes(encodeAttributes(list)), list),
      ),
    )
  })

  it("finds the last attribute of each type, behind whatever stands before them", () => {
    fc.assert(
      fc.property(attributes, fc.integer({ min: 0, max: 16 }), (list, behind) => {
        const found = attributesOf(encodeAttributes(list, behind), behind)
        const last = new Map(list.map(({ type, value }) => [type, value]))
        for (const [type, value] of last) assert.deepEqual(found.get(type), value)
        assert.equal(found.get(0x4000), undefined)
      }),
    )
  })

  it("decodes the messages that it encodes", () => {
    fc.assert(
      fc.property(messages, (list) => assert.deepEqual(decodeMessages(encodeMessages(list)), list)),
    )
  })

  it("finds every attribute by its place", () => {
    fc.assert(
      fc.property(attributes, (list) => {
        const encoded = encodeAttributes(list)
        for (const { type, offset } of attributesAt(encoded)) {
          assert.deepEqual(attributePath(encoded, offset), [type])
        }
      }),
    )
  })

  it("refuses an attribute that is longer than its length field can say", () => {
    const tooLong = [{ type: 1, value: new Uint8Array(65532) }]
    assert.throws(() => encodeAttributes(tooLong), { reason: "INVALID_REQUEST" })
  })

  it("puts header, fixed part and attributes together as the kernel's headers describe", () => {
    const payload = encodePayload(ifinfomsg, { index: 7, flags: 1, change: 1 }, [text(3, "nsm")])
    const encoded = encodeMessages([{ type: 16, flags: 5, sequence: 9, port: 0, payload }])
    const expected = [
      [0x28, 0, 0, 0, 16, 0, 5, 0, 9, 0, 0, 0, 0, 0, 0, 0],
      [0, 0, 0, 0, 7, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0],
      [8, 0, 3, 0, 0x6e, 0x73, 0x6d, 0],
    ]
    if (hostIsLittleEndian) assert.deepEqual([...encoded], expected.flat())
  })

  for (const [name, decode] of Object.entries<(input: Uint8Array, flags: number) => unknown>({
    decodeMessages,
    decodeAttributes,
    attributesOf: (input) => attributesOf(input),
    decodeLink: (payload) => decodeLink(message(payload)),
    decodeAddress: (payload) => decodeAddress(message(payload)),
    decodeRoute: (payload) => decodeRoute(message(payload)),
    decodeNeighbour: (payload) => decodeNeighbour(message(payload)),
    decodeAcknowledgement: (payload, flags) =>
      decodeAcknowledgement({ ...message(payload), type: NLMSG.ERROR, flags }),
    decodeEchoReply: (payload, flags) => decodeEchoReply(flags % 2 ? AF_INET : AF_INET6, payload),
  })) {
    it(`survives arbitrary bytes in ${name}`, () => {
      fc.assert(
        fc.property(fc.oneof(bytes, payloads), u16, (input, flags) => {
          try {
            decode(input, flags)
          } catch (failure) {
            assert.ok(failure instanceof NsmError, String(failure))
            assert.equal(failure.reason, "MALFORMED_MESSAGE")
          }
        }),
        { numRuns: 500 },
      )
    })
  }
})

function message(payload: Uint8Array): Message {
  return { type: 0, flags: 0, sequence: 0, port: 0, payload }
}
