import { performServerHandshake, type ServerHttp2Session } from "node:http2"
import type { Established } from "./establish.ts"
import { serve, type ServerOptions } from "./server.ts"
import { sessionOptions } from "./session-options.ts"

/**
 * Answers the calls of one connection. Once a certificate of it has expired, or this side has a new
 * one, it takes no more calls; those that run go on. Who calls again connects anew, and then all that
 * passes through this process in one path shows the same certificate.
 */
export function serveConnection(
  { stream, peer, expiresAt, onOutdated }: Established,
  options: ServerOptions,
): ServerHttp2Session {
  const { clock } = options
  const session = performServerHandshake(stream, sessionOptions)
  // A connection that breaks ends its calls; there is nothing to do about the connection.
  for (const each of [stream, session]) each.on("error", () => {})
  session.on("stream", (call, headers) => serve({ stream: call, headers, peer }, options))
  const end = (): void => session.close()
  const timer = expiresAt === undefined ? undefined : clock.schedule(expiresAt - clock.now(), end)
  const renewal = onOutdated?.(end)
  session.once("close", () => {
    timer?.[Symbol.dispose]()
    renewal?.[Symbol.dispose]()
  })
  return session
}
