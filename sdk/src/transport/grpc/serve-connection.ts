import type { Server } from "@grpc/grpc-js"
import type { Clock } from "../../core/clock.ts"
import type { Established } from "./establish.ts"
import { PeerCredentials } from "./peer-credentials.ts"

/**
 * Lets a server answer the calls of one connection. Once a certificate of it has expired it takes no
 * more calls; those that run go on.
 */
export function serveConnection(
  server: Server,
  { stream, peer, expiresAt }: Established,
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
    injector.destroy()
  }
  const timer = expiresAt === undefined ? undefined : clock.schedule(expiresAt - clock.now(), end)
  stream.once("close", end)
  injector.injectConnection(stream)
}
