import { type ClientHttp2Session, connect } from "node:http2"
import { callScope } from "../../core/call.ts"
import { NsmError } from "../../core/errors.ts"
import { parseAddress } from "../address.ts"
import { onEnd } from "../on-end.ts"
import { establish, type Established, type Layers } from "./establish.ts"
import { reach, type ReachOptions } from "./reach.ts"
import { sessionOptions } from "./session-options.ts"

/** A connection on which both sides speak HTTP/2. */
export interface Dialled extends Established {
  readonly session: ClientHttp2Session
}

/** How connections are made. */
export interface DialOptions extends Layers, Required<ReachOptions> {}

/** Connects to a URL, and waits until the peer has said its first words of HTTP/2. */
export async function dial(url: string, options: DialOptions): Promise<Dialled> {
  const { clock, timeoutMs, signal } = options
  using scope = callScope({ clock, deadline: clock.now() + timeoutMs, signal })
  const socket = await reach(url, options)
  // What happens to it is told by what is above it.
  socket.on("error", () => {})
  using _end = onEnd([scope.signal], () => socket.destroy())
  try {
    const isUnix = parseAddress(url).kind === "unix"
    const established = await establish("client", socket, { ...options, address: url, isUnix })
    return { ...established, session: await greeted(established) }
  } catch (thrown) {
    socket.destroy()
    signal.throwIfAborted()
    throw scope.signal.aborted ? mute(url, timeoutMs) : at(url, NsmError.from(thrown))
  }
}

async function greeted({ stream, refused }: Established): Promise<ClientHttp2Session> {
  const session = connect("http://localhost", {
    ...sessionOptions,
    createConnection: () => stream,
    settings: { enablePush: false },
  })
  return await new Promise((resolve, reject) => {
    let failure: Error | undefined
    const fail = (error: Error): void => void (failure ??= error)
    // Both stay: a connection that breaks ends its calls, and there is nothing else to do about it.
    stream.on("error", fail)
    session.on("error", fail)
    session.once("remoteSettings", () => resolve(session))
    // A peer that does not want this process can only say so by ending the connection.
    stream.once("close", () => reject(refused?.(failure) ?? silent()))
  })
}

function silent(): NsmError {
  return new NsmError("PEER_UNREACHABLE", "the peer ended the connection and did not speak gRPC")
}

function mute(url: string, timeoutMs: number): NsmError {
  return new NsmError(
    "PEER_UNREACHABLE",
    `${url} takes connections but does not speak gRPC with this process within ${timeoutMs} ms`,
  )
}

function at(url: string, { reason, text, code, remedy, cause }: NsmError): NsmError {
  return new NsmError(reason, `${url}: ${text}`, { code, remedy, cause })
}
