import { NsmError, type Random } from "@nsm/sdk"
import type { EchoSocket } from "./echo-socket.ts"

/** What came of echo requests. */
export interface EchoResult {
  /** How many the kernel took. */
  readonly sent: number
  readonly received: number
  /** Round-trip times in the order of the requests, those without a reply left out. */
  readonly rttMs: readonly number[]
  /** Why the kernel did not take one, as for lack of a route; undefined when it took all. */
  readonly failure: NsmError | undefined
}

/**
 * The requests of one run. Their replies are told from others' by their random data; the identifier
 * is no help, because the kernel puts its own into what goes through sockets for echoes only.
 */
export class EchoRound {
  readonly #socket: EchoSocket
  readonly #timeoutMs: number
  readonly #identifier: number
  readonly #data: Uint8Array
  readonly #sentAt = new Map<number, number>()
  readonly #rttMs = new Map<number, number>()
  #failure: NsmError | undefined

  constructor(socket: EchoSocket, timeoutMs: number, random: Random) {
    this.#socket = socket
    this.#timeoutMs = timeoutMs
    this.#identifier = random.integer(2 ** 16)
    // As many as ping sends, which some middleboxes expect.
    this.#data = Uint8Array.from({ length: 56 }, () => random.integer(2 ** 8))
  }

  /** Whether all that the kernel took have been answered. */
  get isAnswered(): boolean {
    return this.#rttMs.size === this.#sentAt.size
  }

  /** How many have been answered. */
  get answered(): number {
    return this.#rttMs.size
  }

  send(sequence: number): void {
    const packet = { identifier: this.#identifier, sequence: sequence & 0xffff, data: this.#data }
    try {
      this.#sentAt.set(packet.sequence, this.#socket.send(packet))
    } catch (failure) {
      this.#failure = NsmError.from(failure)
    }
  }

  /** Takes in what has arrived. */
  collect(): void {
    for (let reply = this.#socket.receive(); reply; reply = this.#socket.receive()) {
      const { sequence, data, at } = reply
      const sentAt = this.#sentAt.get(sequence)
      const isOurs = Buffer.compare(data, this.#data) === 0
      if (!isOurs || sentAt === undefined || this.#rttMs.has(sequence)) continue
      const rttMs = Math.max(0, at - sentAt)
      if (rttMs <= this.#timeoutMs) this.#rttMs.set(sequence, rttMs)
    }
  }

  get result(): EchoResult {
    const rttMs = [...this.#sentAt.keys()]
      .map((sequence) => this.#rttMs.get(sequence))
      .filter((each) => each !== undefined)
    return { sent: this.#sentAt.size, received: rttMs.length, rttMs, failure: this.#failure }
  }
}
