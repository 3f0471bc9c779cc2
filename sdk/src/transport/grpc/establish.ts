import type { Socket } from "node:net"
import type { Peer } from "../../core/call.ts"
import type { Secured, Security } from "./security.ts"
import type { UnixSockets } from "./unix-sockets.ts"

/** What stands between sockets and HTTP/2. */
export interface Layers {
  readonly security: Security
  readonly unixSockets?: UnixSockets | undefined
}

/** A connection that is ready for HTTP/2, with all that is known of its other end. */
export interface Established extends Secured {
  readonly peer: Peer
}

/** Puts the layers on a socket that has just been connected; `address` is where its other end is. */
export async function establish(
  side: keyof Security,
  socket: Socket,
  { address, isUnix, security, unixSockets }: Layers & { address: string; isUnix: boolean },
): Promise<Established> {
  try {
    const { stream, descriptors } = (isUnix && unixSockets?.(socket)) || { stream: socket }
    const secured = await security[side](stream)
    const peer = { address, ...secured.peer, ...(descriptors && { descriptors }) }
    return { ...secured, peer }
  } catch (thrown) {
    socket.destroy()
    throw thrown
  }
}
