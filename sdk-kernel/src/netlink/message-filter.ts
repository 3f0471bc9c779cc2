import koffi from "koffi"
import { hostIsLittleEndian, viewOf } from "../ffi/layout.ts"
import { checked, libc, SOL_SOCKET } from "../ffi/libc.ts"

const SO_ATTACH_FILTER = 26
/** Instructions of the classic packet filter (linux/filter.h). */
const BPF = { LOAD_HALF_AT: 0x28, JUMP_IF_EQUAL: 0x15, RETURN: 0x06 } as const
/** Where a message says of which type it is (struct nlmsghdr). */
const typeOffset = 4

/** Has the kernel drop all that comes to a netlink socket but messages of one type. */
export function receiveOnly(fd: number, type: number, where: string): void {
  const program = [
    instruction(BPF.LOAD_HALF_AT, typeOffset),
    instruction(BPF.JUMP_IF_EQUAL, asLoaded(type), { otherwise: 1 }),
    instruction(BPF.RETURN, 0xffffffff),
    instruction(BPF.RETURN, 0),
  ]
  const code = new Uint8Array(program.flatMap((each) => [...each]))
  // struct sock_fprog of 64-bit Linux
  const filter = new Uint8Array(16)
  viewOf(filter).setUint16(0, program.length, hostIsLittleEndian)
  viewOf(filter).setBigUint64(8, koffi.address(code), hostIsLittleEndian)
  const attached = libc.setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, filter, filter.length)
  checked(attached, { doing: `attach a filter to a netlink socket in ${where}` })
}

/** Filters load numbers as if they were in network byte order, and these are in the host's. */
function asLoaded(type: number): number {
  return hostIsLittleEndian ? ((type & 0xff) << 8) | (type >> 8) : type
}

function instruction(
  code: number,
  operand: number,
  { otherwise = 0 }: { readonly otherwise?: number } = {},
): Uint8Array {
  const bytes = new Uint8Array(8)
  viewOf(bytes).setUint16(0, code, hostIsLittleEndian)
  bytes[3] = otherwise
  viewOf(bytes).setUint32(4, operand, hostIsLittleEndian)
  return bytes
}
