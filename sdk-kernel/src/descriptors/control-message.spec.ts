import assert from "node:assert/strict"
import fc from "fast-check"
import { concatenated } from "../netlink/message.ts"
import { hostIsLittleEndian, viewOf } from "../ffi/layout.ts"
import { controlSize, decodeDescriptors, encodeDescriptor } from "./control-message.ts"

const descriptor = fc.integer({ min: 0, max: 2 ** 31 - 1 })

/** A control message of any kind, padded as the kernel does. */
function message(level: number, type: number, data: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(Math.ceil((16 + data.length) / 8) * 8)
  const view = viewOf(bytes)
  view.setBigUint64(0, BigInt(16 + data.length), hostIsLittleEndian)
  view.setInt32(8, level, hostIsLittleEndian)
  view.setInt32(12, type, hostIsLittleEndian)
  bytes.set(data, 16)
  return bytes
}

function rights(descriptors: readonly number[]): Uint8Array {
  return message(1, 1, new Uint8Array(Int32Array.from(descriptors).buffer))
}

describe("control messages", () => {
  it("read as the descriptor that was written", () => {
    fc.assert(
      fc.property(descriptor, (fd) =>
        assert.deepEqual(decodeDescriptors(encodeDescriptor(fd)), [fd]),
      ),
    )
  })

  it("are written as the C library writes them", () => {
    // CMSG_LEN(4), SOL_SOCKET, SCM_RIGHTS, the descriptor, padding
    assert.deepEqual(
      [...encodeDescriptor(7)],
      [...[20, 0, 0, 0, 0, 0, 0, 0], ...[1, 0, 0, 0], ...[1, 0, 0, 0], ...[7, 0, 0, 0, 0, 0, 0, 0]],
    )
    assert.equal(controlSize(64), 16 + 256)
  })

  it("give all descriptors of all messages, in order, whatever else is among them", () => {
    const lists = fc.array(
      fc.oneof(
        fc.array(descriptor, { maxLength: 70 }),
        fc.record({
          level: fc.constantFrom(0, 1, 41),
          type: fc.integer({ min: 2, max: 99 }),
          data: fc.uint8Array({ maxLength: 40 }),
        }),
      ),
    )
    fc.assert(
      fc.property(lists, (parts) => {
        const bytes = concatenated(
          parts.map((part) =>
            Array.isArray(part) ? rights(part) : message(part.level, part.type, part.data),
          ),
        )
        const expected = parts.flatMap((part) => (Array.isArray(part) ? part : []))
        assert.deepEqual(decodeDescriptors(bytes), expected)
      }),
    )
  })

  it("are read without fault whatever they hold", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), (bytes) => {
        const found = decodeDescriptors(bytes)
        assert.ok(found.length <= bytes.length / 4)
      }),
    )
  })

  it("give nothing of a message that is cut off", () => {
    const whole = rights([3, 4, 5])
    assert.deepEqual(decodeDescriptors(whole.subarray(0, 20)), [])
  })
})
