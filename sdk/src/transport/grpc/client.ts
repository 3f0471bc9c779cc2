import type { Message } from "@bufbuild/protobuf"
import { type Call, receivedMetadata } from "../../core/call.ts"
import type { TokenSource } from "../../identity/token.ts"
import { type Codec, codecs } from "../codec.ts"
import { givenUp, notReached, onEnd } from "../on-end.ts"
import { sentAlong } from "../sent-along.ts"
import type { Wire } from "../transport.ts"
import type { Channel } from "./channel.ts"
import type { Connection } from "./connection.ts"
import { sentHeaders } from "./headers.ts"
import { NotBegun, OutgoingCall } from "./outgoing-call.ts"
import { formatTimeout } from "./timeout.ts"
import { whileSilent } from "./while-silent.ts"

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
    using sent = send(bytes, call, { remote, codec, channel, connection })
    using _waiting = whileSilent(call.clock, () => channel.doubt(connection))
    return codec.decodeResponse(await sent.answer())
  }
  return async (message: Message, call: Call): Promise<Message | undefined> => {
    try {
      return await once(message, call)
    } catch (failure) {
      if (!(failure instanceof NotBegun)) throw failure
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
      if (!(failure instanceof NotBegun)) throw failure
      yield* once(message, call)
    }
  }
  async function* once(message: Message, call: Call): AsyncGenerator<Message | undefined> {
    const bytes = codec.encodeRequest(message)
    const channel = remote.channel()
    using _counted = channel.use()
    const connection = await connected(channel, codec.path, call)
    using _used = connection.use()
    using sent = send(bytes, call, { remote, codec, channel, connection })
    using waiting = whileSilent(call.clock, () => channel.doubt(connection))
    for await (const answer of sent.answers()) {
      waiting[Symbol.dispose]()
      yield codec.decodeResponse(answer)
    }
  }
}

interface Way {
  readonly remote: Remote
  readonly codec: Codec
  readonly channel: Channel
  readonly connection: Connection
}

function send(
  message: Buffer,
  call: Call,
  { remote: { tokens, lifetime }, codec: { path }, channel, connection }: Way,
): OutgoingCall {
  const { url } = channel
  const { remainingMs } = call
  const metadata = sentAlong(call, channel.peerOf(connection), tokens)
  const limit = remainingMs === undefined ? [] : ["grpc-timeout", formatTimeout(remainingMs)]
  const headers = [...limit, ...sentHeaders(metadata)]
  const received = call.get(receivedMetadata)
  const signals = [call.signal, lifetime]
  return new OutgoingCall(connection, { url, path, headers, message, received, signals })
}

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
