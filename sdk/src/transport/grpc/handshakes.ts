import type { Socket } from "node:net"
import type { Log } from "../../core/log.ts"
import { NsmError } from "../../core/errors.ts"
import { establish, type Established, type Layers } from "./establish.ts"

/** What a listener does about the connections that it takes. */
export interface HandshakesOptions extends Layers {
  readonly log: Log
  readonly isUnix: boolean
  /** Told why, of each connection that does not come about. */
  readonly onRefused: (failure: NsmError) => void
  /** How many may wait, each with a socket; who means it is done within milliseconds. @default 1024 */
  readonly mostAtOnce?: number
}

/** Connections that were taken, and are not ready for HTTP/2 yet. */
export class Handshakes implements Disposable {
  readonly #options: HandshakesOptions
  readonly #begun = new Set<Socket>()
  #isOver = false

  constructor(options: HandshakesOptions) {
    this.#options = options
  }

  /** Gets a connection ready; undefined when that fails, and the socket is closed then. */
  async begin(socket: Socket): Promise<Established | undefined> {
    const { isUnix, log, onRefused, mostAtOnce = 1024 } = this.#options
    const address = isUnix ? "unix:" : `${socket.remoteAddress}:${socket.remotePort}`
    // Whoever floods the listener with connections that say nothing pushes out their own.
    const [oldest] = this.#begun
    if (oldest && this.#begun.size >= mostAtOnce) oldest.destroy()
    this.#begun.add(socket)
    try {
      return await establish("server", socket, { ...this.#options, address })
    } catch (thrown) {
      const failure = NsmError.from(thrown)
      // Nothing is wrong with one who went, or only looked whether anybody is there, nor with our end.
      if (failure.reason === "PEER_UNREACHABLE" || this.#isOver) return undefined
      log.debug("a connection was refused", { address, error: failure })
      onRefused(failure)
      return undefined
    } finally {
      this.#begun.delete(socket)
    }
  }

  /** Ends those that are not ready yet. */
  [Symbol.dispose](): void {
    this.#isOver = true
    for (const socket of this.#begun) socket.destroy()
  }
}
