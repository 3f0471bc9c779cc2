import type { Message } from "@bufbuild/protobuf"
import { type Call, callScope, receivedMetadata } from "../../core/call.ts"
import { NsmError } from "../../core/errors.ts"
import type { IdentitySource } from "../../identity/identity.ts"
import type { TokenSource } from "../../identity/token.ts"
import type { Codec, NamedCodecs } from "../codec.ts"
import { givenUp, onEnd } from "../on-end.ts"
import { sentAlong } from "../sent-along.ts"
import { decodeError, encodeError } from "../status.ts"
import { carried, type Way } from "./carried.ts"
import type { Faults } from "./faults.ts"
import type { MemoryNetwork } from "./network.ts"
import { memoryPeer } from "./peer.ts"
import type { Exchange } from "./server.ts"

/** Where calls go, and who makes them. */
export interface MemoryRemote {
  readonly network: MemoryNetwork
  readonly url: string
  /** Name of the process that calls. */
  readonly from: string
  /** Who that process is to its peers. */
  readonly identity: IdentitySource | undefined
  /** Tokens that go with every call. */
  readonly tokens: TokenSource | undefined
  /** Ends all calls when the transport ends. */
  readonly lifetime: AbortSignal
  /** What befalls calls on their way. */
  readonly faults: Faults | undefined
}

/** The service behind a URL of the in-memory network. Messages cross as bytes, as anywhere else. */
export function memoryClient(remote: MemoryRemote, methods: NamedCodecs): object {
  return Object.fromEntries(
    methods.map(([name, codec]) => [
      name,
      codec.streams ? stream(remote, codec) : unary(remote, codec),
    ]),
  )
}

function unary(remote: MemoryRemote, codec: Codec) {
  return async (message: Message, call: Call): Promise<Message | undefined> => {
    const bytes = codec.encodeRequest(message)
    const answer = async ({ method, call: served }: Exchange): Promise<Buffer> => {
      const response = await method.answer(method.codec.decodeRequest(bytes), served)
      return method.codec.encodeResponse(response)
    }
    const way = wayOf(remote, codec, call)
    for (let copy = 1; copy < (way.passage?.copies ?? 1); copy++) repeat(answer, remote, way, call)
    if (way.passage) await carried("server", way, call)
    using border = cross(remote, way, call)
    const response = await border.pass(answer)
    if (way.passage) await carried("client", way, call)
    return codec.decodeResponse(response)
  }
}

function stream(remote: MemoryRemote, codec: Codec) {
  return async function* (message: Message, call: Call): AsyncGenerator<Message | undefined> {
    const bytes = codec.encodeRequest(message)
    const way = wayOf(remote, codec, call)
    if (way.passage) await carried("server", way, call)
    using border = cross(remote, way, call)
    let source: AsyncIterator<Message> | undefined
    const pull = async ({ method, call: served }: Exchange): Promise<Buffer | undefined> => {
      source ??= method.stream(method.codec.decodeRequest(bytes), served)[Symbol.asyncIterator]()
      const next = await source.next()
      return next.done ? undefined : method.codec.encodeResponse(next.value)
    }
    try {
      for (let item = await border.pass(pull); item; item = await border.pass(pull)) {
        if (way.passage) await carried("client", way, call)
        yield codec.decodeResponse(item)
      }
    } finally {
      border.cancel()
      // A source that does not heed its signal must not keep the reader waiting.
      source?.return?.().catch(() => {})
    }
  }
}

/** The way of one call to its server and back. */
interface Border extends Disposable {
  /** Lets the server do something; its failure, the caller's end or a lost connection reject it. */
  pass<T>(run: (exchange: Exchange) => Promise<T>): Promise<T>
  cancel(): void
}

function wayOf(remote: MemoryRemote, { path, streams }: Codec, { signal }: Call): Way {
  const { faults, url, lifetime } = remote
  return { url, path, lifetime, passage: faults?.({ url, path, isStream: streams, signal }) }
}

/** Delivers a request once more, whatever becomes of the one that its caller waits for. */
function repeat(
  answer: (exchange: Exchange) => Promise<unknown>,
  remote: MemoryRemote,
  way: Way,
  call: Call,
): void {
  const { clock, deadline } = call
  const again = async (): Promise<void> => {
    using scope = callScope({ clock, deadline })
    const own = call.renewed({ signal: scope.signal }).with(receivedMetadata, undefined)
    await carried("server", way, own)
    using border = cross(remote, way, own)
    await border.pass(answer)
  }
  // Nobody waits for its answer, or its failure.
  again().catch(() => {})
}

function cross(remote: MemoryRemote, { path, passage }: Way, call: Call): Border {
  const { network, url, from, identity, tokens, lifetime } = remote
  if (call.signal.aborted) throw givenUp(call.signal.reason, url, path)
  const server = network.at(url)
  if (!server) throw new NsmError("PEER_UNREACHABLE", `nobody listens at ${url}`)
  const metadata = sentAlong(call, server.peerAt(url), tokens)
  const { clock, deadline, remainingMs } = call
  const scope = callScope({ clock, deadline, signal: call.signal })
  let exchange: Exchange
  try {
    exchange = server.begin({ peer: memoryPeer(from, identity), path, remainingMs, metadata })
  } catch (thrown) {
    scope[Symbol.dispose]()
    throw failed(thrown, server.name, url)
  }
  const received = call.get(receivedMetadata)
  const ends = [scope.signal, lifetime, exchange.lost, ...(passage?.broken ? [passage.broken] : [])]
  return {
    async pass(run) {
      return await new Promise((resolve, reject) => {
        const end = onEnd(ends, (reason) => {
          reject(givenUp(reason, url, path))
          exchange.cancel()
        })
        const answered = (): void => {
          end[Symbol.dispose]()
          for (const [name, value] of exchange.call.reply) received?.set(name, value)
        }
        Promise.resolve(exchange)
          .then(run)
          .finally(answered)
          .then(resolve, (thrown: unknown) => reject(failed(thrown, server.name, url)))
      })
    },
    cancel: () => exchange.cancel(),
    [Symbol.dispose]() {
      exchange[Symbol.dispose]()
      scope[Symbol.dispose]()
    },
  }
}

/** What the caller gets to know of a failure on the other side. */
function failed(thrown: unknown, hop: string, url: string): NsmError {
  return decodeError(encodeError(NsmError.from(thrown), hop), url)
}
