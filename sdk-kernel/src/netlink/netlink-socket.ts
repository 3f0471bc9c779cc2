import { NsmError } from "@nsm/sdk"
import { checked, libc } from "../ffi/libc.ts"
import { type Acknowledgement, decodeAcknowledgement, NLM_F, NLMSG } from "./acknowledgement.ts"
import { decodeMessages, encodeMessages, type Message } from "./message.ts"
import { refusal } from "./refusal.ts"
import type { NetlinkRequest } from "./request.ts"
import { openRouteSocket, receive } from "./route-socket.ts"
import { sendLater } from "./send-later.ts"

/** A request that was sent, with what has come back so far. */
interface Exchange {
  readonly request: NetlinkRequest
  readonly sequence: number
  readonly replies: Message[]
  /** What was listed changed while it was. */
  isInterrupted?: boolean
  answer?: Acknowledgement
}

/**
 * Speaks rtnetlink with one network namespace. The kernel answers while it is being sent to, so a
 * request and its answer are one synchronous step; `later` takes that step on another thread.
 */
export class NetlinkSocket implements Disposable {
  readonly #fd: number
  readonly #where: string
  readonly #exchanges = new Map<number, Exchange>()
  #sequence = 0
  #sendingLater = 0
  #isOpen = true

  private constructor(fd: number, where: string) {
    this.#fd = fd
    this.#where = where
  }

  /** Opens a socket in the namespace that this thread is in, which errors call `where`. */
  static open(where: string): NetlinkSocket {
    return new NetlinkSocket(openRouteSocket({ where }), where)
  }

  /**
   * Sends requests at once and gives what the kernel replied to each. All are tried; when some are
   * refused, the first refusal is thrown.
   */
  request(requests: readonly NetlinkRequest[]): Message[][] {
    const exchanges = batches(requests).flatMap((batch) => this.#exchange(batch))
    return exchanges.map((exchange) => this.#finish(exchange))
  }

  /** Sends a request on another thread, for those that the kernel takes its time for. */
  async later(request: NetlinkRequest): Promise<Message[]> {
    const exchange = this.#begin(request)
    this.#sendingLater++
    try {
      await sendLater(this.#fd, encoded([exchange]), this.#where)
      this.#receive([exchange])
      return this.#finish(exchange)
    } finally {
      this.#sendingLater--
      this.#exchanges.delete(exchange.sequence)
      this.#closeWhenIdle()
    }
  }

  /** Lists all that a request matches; asks again when it changed while it was listed. */
  dump(request: NetlinkRequest): Message[] {
    const listing = { ...request, flags: NLM_F.DUMP | (request.flags ?? 0) }
    for (let attempt = 0; attempt < dumpAttempts; attempt++) {
      for (const exchange of this.#exchange([listing])) {
        const replies = this.#finish(exchange)
        if (!exchange.isInterrupted) return replies
      }
    }
    throw new NsmError(
      "KERNEL_REFUSED",
      `${request.doing} in ${this.#where}: it kept changing while it was listed`,
    )
  }

  [Symbol.dispose](): void {
    if (!this.#isOpen) return
    this.#isOpen = false
    this.#closeWhenIdle()
  }

  #exchange(requests: readonly NetlinkRequest[]): Exchange[] {
    const exchanges = requests.map((request) => this.#begin(request))
    try {
      const bytes = encoded(exchanges)
      checked(libc.send(this.#fd, bytes, bytes.length, 0), { doing: `ask ${this.#where}` })
      this.#receive(exchanges)
      return exchanges
    } finally {
      for (const { sequence } of exchanges) this.#exchanges.delete(sequence)
    }
  }

  #begin(request: NetlinkRequest): Exchange {
    if (!this.#isOpen) {
      throw new NsmError("INTERNAL", `${request.doing} in ${this.#where}: its socket is closed`)
    }
    this.#sequence = (this.#sequence + 1) >>> 0
    const exchange = { request, sequence: this.#sequence, replies: [] }
    this.#exchanges.set(exchange.sequence, exchange)
    return exchange
  }

  /** Takes in what is there until the exchanges are answered, for whomever it is. */
  #receive(exchanges: readonly Exchange[]): void {
    while (exchanges.some(({ answer }) => !answer)) {
      const received = receive(this.#fd, this.#where)
      if (typeof received === "string") {
        throw new NsmError("INTERNAL", `ask ${this.#where}: no answer came (${received})`)
      }
      for (const message of decodeMessages(received)) {
        const exchange = this.#exchanges.get(message.sequence)
        if (exchange) take(exchange, message)
      }
    }
  }

  #finish({ request, answer, replies }: Exchange): Message[] {
    const failure = answer && refusal(request, answer, this.#where)
    if (failure) throw failure
    return replies
  }

  /** A descriptor that another thread still uses must not become another file's. */
  #closeWhenIdle(): void {
    if (!this.#isOpen && this.#sendingLater === 0) libc.close(this.#fd)
  }
}

const dumpAttempts = 20

/** Few enough for their answers to fit into the socket's buffer. */
const batchSize = 64

function take(exchange: Exchange, message: Message): void {
  if (message.flags & NLM_F.DUMP_INTR) exchange.isInterrupted = true
  const isEnd = message.type === NLMSG.ERROR || message.type === NLMSG.DONE
  if (isEnd) exchange.answer = decodeAcknowledgement(message)
  else exchange.replies.push(message)
}

function encoded(exchanges: readonly Exchange[]): Uint8Array {
  return encodeMessages(
    exchanges.map(({ request: { type, flags = 0, payload }, sequence }) => ({
      ...{ type, flags: NLM_F.REQUEST | NLM_F.ACK | flags, sequence, port: 0, payload },
    })),
  )
}

function batches(requests: readonly NetlinkRequest[]): (readonly NetlinkRequest[])[] {
  const count = Math.ceil(requests.length / batchSize)
  return Array.from({ length: count }, (_, at) =>
    requests.slice(at * batchSize, (at + 1) * batchSize),
  )
}
