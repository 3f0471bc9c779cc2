import type { Socket } from "node:net"
import type { Duplex } from "node:stream"
import { type Credentials, NsmError } from "@nsm/sdk"
import { layout } from "../ffi/layout.ts"
import { checked, libc, SO_PEERCRED, SOL_SOCKET } from "../ffi/libc.ts"

/** `struct ucred` of unix(7). */
const ucred = layout("peer credentials", { pid: "i32", uid: "u32", gid: "u32" })

/**
 * Asks the kernel which process made the connection that a unix socket is one end of. It tells who
 * that was when the connection was made, whoever may hold the other end by now.
 */
export function peerCredentials(socket: Duplex): Credentials {
  const { _handle: handle } = socket as Socket & { _handle?: { readonly fd?: number } | null }
  const fd = handle?.fd ?? -1
  if (fd < 0)
    throw new NsmError("INVALID_REQUEST", "only an open unix socket tells who its peer is")
  const bytes = new Uint8Array(ucred.size)
  const length = Uint32Array.of(bytes.length)
  const result = libc.getsockopt(fd, SOL_SOCKET, SO_PEERCRED, bytes, length)
  checked(result, { doing: "ask which process is at the other end of a unix socket" })
  return ucred.decode(bytes)
}
