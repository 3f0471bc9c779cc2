import { randomBytes, randomInt } from "node:crypto"
import { NsmError } from "@nsm/sdk"
import type { EchoSocket } from "@nsm/sdk-kernel"
import type { Packet } from "./packets.ts"

/** Echo requests to one address with growing sequence numbers, and what became of each. */
export class EchoStream implements Disposable {
  readonly packets: { sentAt: number; answeredAt?: number }[] = []
  readonly #socket: EchoSocket
  // What tells its replies from those to others in the same network.
  readonly #identifier = randomInt(2 ** 16)
  readonly #data = randomBytes(8)

  constructor(socket: EchoSocket) {
    this.#socket = socket
  }

  /** Takes in replies and sends the next request. */
  tick(): void {
    this.collect()
    this.packets.push(this.#send())
  }

  /** Takes in what has arrived. */
  collect(): void {
    for (let reply = this.#socket.receive(); reply; reply = this.#socket.receive()) {
      const { identifier, sequence, data, at } = reply
      if (identifier !== this.#identifier || this.#data.compare(data) !== 0) continue
      const packet = this.packets[this.#indexOf(sequence)]
      if (packet) packet.answeredAt ??= at
    }
  }

  [Symbol.dispose](): void {
    this.#socket[Symbol.dispose]()
  }

  #send(): Packet {
    const sequence = this.packets.length & 0xffff
    try {
      const sentAt = this.#socket.send({ identifier: this.#identifier, sequence, data: this.#data })
      return { sentAt }
    } catch (failure) {
      // A request that the kernel does not take, as for lack of a route, is lost as others are.
      if (NsmError.from(failure).reason === "KERNEL_REFUSED") return { sentAt: Date.now() }
      throw failure
    }
  }

  /** The latest packet with these 16 bits. */
  #indexOf(sequence: number): number {
    const last = this.packets.length - 1
    return last - ((last - sequence) & 0xffff)
  }
}
