import type { Socket } from "node:net"
import { CallCredentials, ChannelCredentials } from "@grpc/grpc-js"
import { NsmError } from "../../core/errors.ts"
import type { Established } from "./establish.ts"

type Connector = ReturnType<ChannelCredentials["_createSecureConnector"]>

/**
 * Credentials with a handshake of our own, which hold the sockets on which they are used: a channel
 * of grpc-js that is closed while it connects leaves its socket to the peer, which may never answer.
 */
export class SecuringCredentials extends ChannelCredentials implements Disposable {
  readonly #handshake: (socket: Socket) => Promise<Established>
  readonly #sockets = new Set<Socket>()
  #isOver = false

  constructor(handshake: (socket: Socket) => Promise<Established>) {
    super()
    this.#handshake = handshake
  }

  /** Closes the sockets. */
  [Symbol.dispose](): void {
    this.#isOver = true
    for (const socket of this.#sockets) socket.destroy()
  }

  override _isSecure(): boolean {
    return false
  }

  override _equals(other: ChannelCredentials): boolean {
    return this === other
  }

  override _createSecureConnector(): Connector {
    return {
      connect: async (socket) => {
        // A channel that is closed while it connects anew goes on with that.
        if (this.#isOver) {
          socket.destroy()
          throw new NsmError("CANCELLED", "the connection was closed meanwhile")
        }
        this.#sockets.add(socket)
        socket.once("close", () => this.#sockets.delete(socket))
        const { stream, peer } = await this.#handshake(socket)
        // grpc-js says socket where any stream does.
        return { socket: stream as Socket, secure: peer.certificate !== undefined }
      },
      waitForReady: async () => {},
      // What goes with a call is in its metadata.
      getCallCredentials: () => CallCredentials.createEmpty(),
      destroy() {},
    }
  }
}
