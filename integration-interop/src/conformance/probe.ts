import type { DescMessage, MessageShape } from "@bufbuild/protobuf"
import { Client, credentials, type Metadata, Metadata as Headers, status } from "@grpc/grpc-js"
import { grpcMethod, Header, type TypedMethod } from "@nsm/api"
import { Arrivals } from "../arrivals.ts"
import type { Credentials } from "./credentials.ts"
import { writeToken } from "./json-web-token.ts"

/** Headers of a call; undefined leaves one out that every call has, a list sends it several times. */
export type CallHeaders = Readonly<Record<string, string | readonly string[] | undefined>>

/** What came of a call. */
export interface Answer<T> {
  readonly code: number
  /** The name of the code, such as PERMISSION_DENIED. */
  readonly status: string
  readonly details: string
  /** Present when the code is 0. */
  readonly message?: T
  /** The headers that came before the message. */
  readonly headers: Readonly<Record<string, string>>
}

/** A stream that is being read. */
export interface Reading<T> extends Disposable {
  readonly arrivals: Arrivals<T>
}

/** Longest that an answer may take. */
const longestMs = 10_000

/** A caller that sends exactly what it is told, past all that our own client would put right. */
export class Probe implements Disposable {
  readonly #client: Client
  readonly #as: Credentials
  readonly #audience: string

  constructor(address: string, as: Credentials, audience: string) {
    const { rootsPem, keyPem, chainPem } = as
    // A SPIFFE id stands in place of a host's name (SPIFFE X509-SVID, section 5).
    const check = { checkServerIdentity: () => undefined }
    const secure = credentials.createSsl(
      ...([Buffer.from(rootsPem), Buffer.from(keyPem), Buffer.from(chainPem), check] as const),
    )
    this.#client = new Client(targetOf(address), secure, {
      "grpc.use_local_subchannel_pool": 1,
      "grpc.ssl_target_name_override": "localhost",
    })
    this.#as = as
    this.#audience = audience
  }

  /** Who it is. */
  get id(): string {
    return this.#as.id
  }

  /** A token of its own for the one that it calls. */
  token(): string {
    return writeToken(this.#as, this.#audience)
  }

  /** Calls a method that answers once. */
  async call<I extends DescMessage, O extends DescMessage>(
    method: TypedMethod<I, O>,
    message: MessageShape<I>,
    headers: CallHeaders = {},
    limitMs = longestMs,
  ): Promise<Answer<MessageShape<O>>> {
    const { path, requestSerialize, responseDeserialize } = grpcMethod(method)
    return await this.send(path, requestSerialize(message), responseDeserialize, headers, limitMs)
  }

  /** Sends bytes to a path, whatever is there. */
  async send<T>(
    path: string,
    bytes: Buffer,
    decode: (bytes: Buffer) => T,
    headers: CallHeaders = {},
    limitMs = longestMs,
  ): Promise<Answer<T>> {
    return await new Promise((resolve) => {
      let received: Readonly<Record<string, string>> = {}
      this.#client
        .makeUnaryRequest(
          path,
          (sent: Buffer) => sent,
          decode,
          bytes,
          this.#headers(headers),
          { deadline: Date.now() + limitMs },
          (failure, response) => {
            const code = failure?.code ?? status.OK
            const details = failure?.details ?? ""
            const outcome = { code, status: status[code] ?? String(code), details }
            const message = response === undefined ? {} : { message: response }
            resolve({ ...outcome, headers: received, ...message })
          },
        )
        .on("metadata", (metadata: Metadata) => (received = texts(metadata)))
    })
  }

  /** Calls a method that goes on answering. */
  read<I extends DescMessage, O extends DescMessage>(
    method: TypedMethod<I, O>,
    message: MessageShape<I>,
    headers: CallHeaders = {},
  ): Reading<MessageShape<O>> {
    const { path, requestSerialize, responseDeserialize } = grpcMethod(method)
    const arrivals = new Arrivals<MessageShape<O>>()
    const stream = this.#client
      .makeServerStreamRequest(
        path,
        requestSerialize,
        responseDeserialize,
        message,
        this.#headers(headers),
      )
      .on("data", (item: MessageShape<O>) => arrivals.put(item))
      .on("error", ({ code, details }: { code?: number; details?: string }) =>
        arrivals.end(`${status[code ?? 2] ?? code} ${details ?? ""}`.trim()),
      )
      .on("end", () => arrivals.end("OK"))
    return { arrivals, [Symbol.dispose]: () => stream.cancel() }
  }

  /** All that a method answers which comes to its end by itself. */
  async all<I extends DescMessage, O extends DescMessage>(
    method: TypedMethod<I, O>,
    message: MessageShape<I>,
  ): Promise<{ readonly items: readonly MessageShape<O>[]; readonly ended: string | undefined }> {
    using reading = this.read(method, message)
    const items: MessageShape<O>[] = []
    for (const until = Date.now() + longestMs; Date.now() < until;) {
      const item = await reading.arrivals.next(reading.arrivals.ended === undefined ? 50 : 0)
      if (item !== undefined) items.push(item)
      else if (reading.arrivals.ended !== undefined) break
    }
    return { items, ended: reading.arrivals.ended }
  }

  [Symbol.dispose](): void {
    this.#client.close()
  }

  #headers(changes: CallHeaders): Metadata {
    const headers = new Headers()
    const usual = {
      [Header.clientToken]: this.token(),
      [Header.clientTokenExpires]: new Date(Date.now() + 600_000).toISOString(),
    }
    for (const [name, values] of Object.entries({ ...usual, ...changes })) {
      for (const value of [values].flat()) if (value !== undefined) headers.add(name, value)
    }
    return headers
  }
}

/** How grpc-js names an address. */
export function targetOf(address: string): string {
  return address.replace(/^tcp:\/\//, "").replace(/^unix:\/\//, "unix:")
}

function texts(metadata: Metadata): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(metadata.getMap()).map(([name, value]) => [name, String(value)]),
  )
}
