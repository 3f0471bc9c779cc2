import type { Server } from "@grpc/grpc-js"
import type { Clock } from "../../core/clock.ts"
import type { Established } from "./establish.ts"
import { PeerCredentials } from "./peer-credentials.ts"

/**
 * Lets a server answer the calls of one connection. Once a certificate of it has expired, or this
 * side has a new one, it takes no more calls; those that run go on. Who calls again connects anew, and
 * then all that passes through this process in one path shows the same certificate.
 */
export function serveConnection(
  server: Server,
  { stream, peer, expiresAt, onOutdated }: Established,
  clock: Clock,
): void {
  // A connection that breaks ends its calls; there is nothing to do about the connection.
  stream.on("error", () => {})
  const injector = server.createConnectionInjector(new PeerCredentials(peer))
  let isOver = false
  const end = (): void => {
    if (isOver) return
    isOver = true
    timer?.[Symbol.dispose]()
    renewal?.[Symbol.dispose]()
    injector.destroy()
  }
  const timer = expiresAt === undefined ? undefined : clock.schedule(expiresAt - clock.now(), end)
  const renewal = onOutdated?.(end)
  stream.once("close", end)
  injector.injectConnection(stream)
}
