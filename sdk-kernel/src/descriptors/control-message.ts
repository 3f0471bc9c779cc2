import { hostIsLittleEndian, viewOf } from "../ffi/layout.ts"
import { SCM_RIGHTS, SOL_SOCKET } from "../ffi/libc.ts"

// struct cmsghdr of 64-bit Linux, the only one that Node runs on: length, level, type, data (cmsg(3)).
const headerSize = 16
const alignment = 8
const descriptorSize = 4

/** The room that control messages with so many descriptors need. */
export function controlSize(descriptors: number): number {
  return headerSize + aligned(descriptors * descriptorSize)
}

/** The control message that passes one descriptor. */
export function encodeDescriptor(fd: number): Uint8Array {
  const bytes = new Uint8Array(controlSize(1))
  const view = viewOf(bytes)
  view.setBigUint64(0, BigInt(headerSize + descriptorSize), hostIsLittleEndian)
  view.setInt32(8, SOL_SOCKET, hostIsLittleEndian)
  view.setInt32(12, SCM_RIGHTS, hostIsLittleEndian)
  view.setInt32(headerSize, fd, hostIsLittleEndian)
  return bytes
}

/** The descriptors in the control messages that the kernel wrote; others are passed over. */
export function decodeDescriptors(bytes: Uint8Array): readonly number[] {
  const view = viewOf(bytes)
  const found: number[] = []
  let start = 0
  while (start + headerSize <= bytes.length) {
    const length = Number(view.getBigUint64(start, hostIsLittleEndian))
    const end = start + length
    if (length < headerSize || end > bytes.length) break
    const isRights =
      view.getInt32(start + 8, hostIsLittleEndian) === SOL_SOCKET &&
      view.getInt32(start + 12, hostIsLittleEndian) === SCM_RIGHTS
    for (
      let at = start + headerSize;
      isRights && at + descriptorSize <= end;
      at += descriptorSize
    ) {
      found.push(view.getInt32(at, hostIsLittleEndian))
    }
    start += aligned(length)
  }
  return found
}

function aligned(length: number): number {
  return Math.ceil(length / alignment) * alignment
}
