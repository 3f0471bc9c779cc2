import type { Socket } from "node:net"
import { type Clock, NsmError, systemClock, type UnixSockets } from "@nsm/sdk"
import { checked, F_DUPFD_CLOEXEC, libc } from "../ffi/libc.ts"
import { DescriptorStream } from "./descriptor-stream.ts"
import { HeldFile } from "./held-file.ts"
import { MessageIo } from "./message-io.ts"
import { ReceivedFiles } from "./received-files.ts"

/** How files are passed. */
export interface DescriptorSocketsOptions {
  /** @default systemClock */
  readonly clock?: Clock
}

/**
 * Lets unix sockets pass open files, below TLS, in the way of `grpcfd`: each with one byte of the
 * stream. Whoever does not expect files reads the same bytes.
 */
export function descriptorSockets({
  clock = systemClock,
}: DescriptorSocketsOptions = {}): UnixSockets {
  const io = new MessageIo()
  return (socket) => {
    const received = new ReceivedFiles({ clock })
    const stream = new DescriptorStream({ fd: taken(socket), io, received })
    // What Node has read by now came before any file.
    const begun = socket.read() as Buffer | null
    if (begun) stream.unshift(begun)
    // The socket stays, for those who count, ask or end it, but reads and writes no more.
    Object.defineProperty(socket, "bytesRead", { get: () => stream.bytesRead })
    stream.once("close", () => socket.destroy())
    socket.once("close", () => stream.destroy())
    return {
      stream,
      descriptors: {
        send(path) {
          const file = HeldFile.open(path)
          if (stream.destroyed) {
            file[Symbol.dispose]()
            throw new NsmError("PEER_UNREACHABLE", `send ${path}: the connection has ended`)
          }
          stream.attach(file)
          return file.url
        },
        receive: (url, signal) => received.receive(url, signal),
      },
    }
  }
}

/** What Node keeps of a socket. */
interface Handled {
  readonly _handle?: { readonly fd?: number; readStop?(): void } | null
}

/** A second descriptor of the socket, from which Node reads no more: it would drop the files. */
function taken(socket: Socket): number {
  const { _handle: handle } = socket as Handled
  const { fd = -1 } = handle ?? {}
  const doing = "pass files over a unix socket"
  if (fd < 0) throw new NsmError("PEER_UNREACHABLE", `${doing}: it is not connected`)
  socket.pause()
  handle?.readStop?.()
  return checked(libc.fcntl(fd, F_DUPFD_CLOEXEC, "int", 0), { doing })
}
