import type { Message } from "@bufbuild/protobuf"
import type { CallOptions, ServiceError } from "@grpc/grpc-js"
import { type Call, receivedMetadata } from "../../core/call.ts"
import { NsmError } from "../../core/errors.ts"
import type { TokenSource } from "../../identity/token.ts"
import { type Codec, codecs } from "../codec.ts"
import { givenUp, notReached, onEnd } from "../on-end.ts"
import type { Wire } from "../transport.ts"
import { asBytes } from "./bytes.ts"
import type { Channel } from "./channel.ts"
import type { Connection } from "./connection.ts"
import { fromServiceError } from "./grpc-status.ts"
import { sentAlong } from "../sent-along.ts"
import { fromGrpc, toGrpc } from "./metadata.ts"

/** Where calls go. */
export interface Remote {
  /** The channel, which may be another one after a time without calls. */
  channel(): Channel
  /** Tokens that go with every call. */
  readonly tokens: TokenSource | undefined
  /** Ends all calls when the transport ends. */
  readonly lifetime: AbortSignal
}

/** The service at the other end of a channel. */
export function grpcClient<S extends object>(remote: Remote, wire: Wire<S>): S {
  const methods = codecs(wire).map(([name, codec]) => [
    name,
    codec.streams ? stream(remote, codec) : unary(remote, codec),
  ])
  return Object.fromEntries(methods) as S
}

function unary(remote: Remote, codec: Codec) {
  const once = async (message: Message, call: Call): Promise<Message | undefined> => {
    const bytes = codec.encodeRequest(message)
    const channel = remote.channel()
    using _counted = channel.use()
    const connection = await connected(channel, codec.path, call)
    using _used = connection.use()
    const metadata = toGrpc(sentAlong(call, channel.peerOf(connection), remote.tokens))
    const answer = await new Promise<Buffer>((resolve, reject) => {
      const sent = connection.client.makeUnaryRequest<Buffer, Buffer>(
        codec.path,
        asBytes,
        asBytes,
        bytes,
        metadata,
        limits(call),
        (error, answered = Buffer.alloc(0)) => {
          end[Symbol.dispose]()
          if (error) reject(fromServiceError(error, channel.url))
          else resolve(answered)
        },
      )
      const end = onEnd([call.signal, remote.lifetime], (reason) => {
        reject(givenUp(reason, channel.url, codec.path))
        sent.cancel()
      })
      const received = call.get(receivedMetadata)
      if (received) sent.on("metadata", (headers) => fill(received, fromGrpc(headers)))
    })
    return codec.decodeResponse(answer)
  }
  return async (message: Message, call: Call): Promise<Message | undefined> => {
    try {
      return await once(message, call)
    } catch (failure) {
      if (!wasNotBegun(failure)) throw failure
      return await once(message, call)
    }
  }
}

function stream(remote: Remote, codec: Codec) {
  return async function* (message: Message, call: Call): AsyncGenerator<Message | undefined> {
    try {
      yield* once(message, call)
    } catch (failure) {
      // It was refused before anything could come.
      if (!wasNotBegun(failure)) throw failure
      yield* once(message, call)
    }
  }
  async function* once(message: Message, call: Call): AsyncGenerator<Message | undefined> {
    const bytes = codec.encodeRequest(message)
    const channel = remote.channel()
    using _counted = channel.use()
    const connection = await connected(channel, codec.path, call)
    using _used = connection.use()
    const metadata = toGrpc(sentAlong(call, channel.peerOf(connection), remote.tokens))
    const sent = connection.client.makeServerStreamRequest<Buffer, Buffer>(
      codec.path,
      asBytes,
      asBytes,
      bytes,
      metadata,
      limits(call),
    )
    // Also says that it was cancelled, when the reader has left and nobody listens any more.
    sent.on("error", () => {})
    const received = call.get(receivedMetadata)
    if (received) sent.on("metadata", (headers) => fill(received, fromGrpc(headers)))
    let given: NsmError | undefined
    const end = onEnd([call.signal, remote.lifetime], (reason) => {
      given = givenUp(reason, channel.url, codec.path)
      sent.cancel()
    })
    try {
      for await (const chunk of sent) yield codec.decodeResponse(chunk as Buffer)
    } catch (failure) {
      if (given || failure instanceof NsmError) throw given ?? failure
      throw fromServiceError(failure as ServiceError, channel.url)
    } finally {
      end[Symbol.dispose]()
      sent.cancel()
    }
  }
}

/**
 * Whether a call met a connection that had just ended, or on which its server had just said goodbye.
 * HTTP/2 promises of the latter that the call was not begun (RFC 9113, section 8.7), and the former
 * could not be sent; so it can be made again on another connection.
 */
function wasNotBegun(failure: unknown): boolean {
  return failure instanceof NsmError && notBegun.test(failure.text)
}

/**
 * What grpc-js makes of REFUSED_STREAM, and of a session that has ended; it says so in no other way.
 * What could not be written to the end may have been begun, but every call may be repeated.
 */
const notBegun =
  /Stream refused by server$|^Failed to start HTTP\/2 stream|session has been destroyed|^Write error: /

/** Without an await when there is a connection, for that is what nearly every call finds. */
function connected(channel: Channel, path: string, call: Call): Connection | Promise<Connection> {
  const { url } = channel
  if (call.signal.aborted) throw givenUp(call.signal.reason, url, path)
  const dialled = channel.connected()
  if (!(dialled instanceof Promise)) return dialled
  return new Promise((resolve, reject) => {
    const end = onEnd([call.signal], (reason) => reject(notReached(reason, url)))
    dialled.then(resolve, reject).finally(() => end[Symbol.dispose]())
  })
}

/** grpc-js keeps its own time, so the time that is left is what it gets. */
function limits({ remainingMs }: Call): CallOptions {
  return remainingMs === undefined ? {} : { deadline: Date.now() + remainingMs }
}

function fill(received: Map<string, string>, headers: ReadonlyMap<string, string>): void {
  for (const [name, value] of headers) received.set(name, value)
}
