import type { Socket } from "node:net"
import type { Duplex } from "node:stream"
import type { Descriptors } from "../../core/call.ts"

/** Puts a layer on a unix socket that passes open files beside the bytes of `stream`. */
export type UnixSockets = (socket: Socket) => {
  readonly stream: Duplex
  readonly descriptors: Descriptors
}
