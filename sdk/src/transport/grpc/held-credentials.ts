import type { Socket } from "node:net"
import { ChannelCredentials } from "@grpc/grpc-js"

type Connect = ChannelCredentials["_createSecureConnector"]

/**
 * Credentials that hold the sockets on which they are used. A channel of grpc-js that is closed
 * while it connects leaves its socket to the peer, which may never answer; these close it.
 */
export class HeldCredentials extends ChannelCredentials implements Disposable {
  readonly #credentials: ChannelCredentials
  readonly #sockets = new Set<Socket>()

  constructor(credentials: ChannelCredentials) {
    super()
    this.#credentials = credentials
  }

  /** Closes the sockets. */
  [Symbol.dispose](): void {
    for (const socket of this.#sockets) socket.destroy()
  }

  override _isSecure(): boolean {
    return this.#credentials._isSecure()
  }

  override _equals(other: ChannelCredentials): boolean {
    return this === other
  }

  override _createSecureConnector(...args: Parameters<Connect>): ReturnType<Connect> {
    const connector = this.#credentials._createSecureConnector(...args)
    return {
      connect: (socket) => {
        this.#sockets.add(socket)
        socket.once("close", () => this.#sockets.delete(socket))
        return connector.connect(socket)
      },
      waitForReady: () => connector.waitForReady(),
      getCallCredentials: () => connector.getCallCredentials(),
      destroy: () => connector.destroy(),
    }
  }
}
