import { lstat, chmod, mkdir, unlink } from "node:fs/promises"
import type { ServerHttp2Session } from "node:http2"
import { createServer, type Server as SocketServer, type Socket } from "node:net"
import { dirname } from "node:path"
import type { Clock } from "../../core/clock.ts"
import { NsmError } from "../../core/errors.ts"
import { formatAddress, parseAddress } from "../address.ts"
import { methods } from "../method.ts"
import { errno, fromNode } from "../node-error.ts"
import type { Exposed, Listener } from "../transport.ts"
import { Handshakes, type HandshakesOptions } from "./handshakes.ts"
import type { Running, ServingOptions } from "./incoming-call.ts"
import { endpoint, reach } from "./reach.ts"
import { serveConnection } from "./serve-connection.ts"

/** How a listener is made. */
export interface ListenOptions
  extends Omit<ServingOptions, "running">, Omit<HandshakesOptions, "isUnix"> {
  /** How long calls may take to finish when the listener ends. */
  readonly shutdownTimeoutMs: number
}

/** Serves at a URL. */
export async function listen(
  url: string,
  exposed: readonly Exposed[],
  options: ListenOptions,
): Promise<Listener> {
  const running = new Set<Running>()
  const serving = { ...options, running, methods: methods(exposed) }
  const sessions = new Set<ServerHttp2Session>()
  const begin = async (socket: Socket): Promise<void> => {
    const established = await handshakes.begin(socket)
    if (!established) return
    const session = serveConnection(established, serving)
    sessions.add(session)
    session.once("close", () => sessions.delete(session))
  }
  const address = parseAddress(url)
  const sockets = new Set<Socket>()
  const handshakes = new Handshakes({ ...options, isUnix: address.kind === "unix" })
  const gate = createServer({ noDelay: true }, (socket) => {
    sockets.add(socket)
    socket.once("close", () => sockets.delete(socket))
    // A connection that breaks ends its calls; there is nothing to do about the connection.
    socket.on("error", () => {})
    begin(socket).catch((error: unknown) =>
      options.log.error("a connection could not be served", { error }),
    )
  })
  if (address.kind === "unix") await clear(address.path, url, options.clock)
  await bound(gate, url)
  if (address.kind === "unix") await chmod(address.path, 0o777)
  const { port } = gate.address() as { port?: number }
  return {
    url: address.kind === "tcp" && port ? formatAddress({ ...address, port }) : url,
    async [Symbol.asyncDispose]() {
      const cut = (): void => {
        for (const session of sessions) session.destroy()
        for (const socket of sockets) socket.destroy()
      }
      const closed = new Promise((resolve) => gate.close(resolve))
      handshakes[Symbol.dispose]()
      // Tells the peers to call no more.
      for (const session of sessions) session.close()
      await drain({ closed, running, cut }, options)
    },
  }
}

/** Makes room for a socket: its directory, and no socket of a process that has gone. */
async function clear(path: string, url: string, clock: Clock): Promise<void> {
  await mkdir(dirname(path), { recursive: true }).catch((thrown: unknown) => {
    throw fromNode(thrown, `make the directory of ${url}`)
  })
  const there = await lstat(path).catch(() => undefined)
  if (!there) return
  if (!there.isSocket()) {
    throw new NsmError(
      "ADDRESS_IN_USE",
      `${path} is in the way of ${url}, and no socket: remove it`,
    )
  }
  const isAlive = await reach(url, { clock, timeoutMs: 1000 }).then(
    (socket) => socket.destroy().destroyed,
    // Gone is only what the kernel says is gone; who is slow is not.
    (failure: NsmError) => !["ECONNREFUSED", "ENOENT"].includes(errno(failure.cause) ?? ""),
  )
  if (isAlive) throw new NsmError("ADDRESS_IN_USE", `another process answers at ${url}`)
  await unlink(path).catch((thrown: unknown) => {
    if (errno(thrown) !== "ENOENT") throw fromNode(thrown, `remove what is left of ${url}`)
  })
}

async function bound(gate: SocketServer, url: string): Promise<void> {
  const address = parseAddress(url)
  await new Promise<void>((resolve, reject) => {
    gate.once("error", (thrown) => reject(fromNode(thrown, `listen on ${url}`)))
    const where = endpoint(address)
    // Without a host Node listens on all addresses, of both families where there are two.
    gate.listen("host" in where && where.host === "" ? { port: where.port } : where, resolve)
  })
}

/** Streams are told to end, other calls may finish while there is time, what then remains is cut. */
async function drain(
  { closed, running, cut }: { closed: Promise<unknown>; running: Set<Running>; cut: () => void },
  { clock, name, shutdownTimeoutMs }: ListenOptions,
): Promise<void> {
  const reason = new NsmError("SHUTTING_DOWN", `${name} is ending`)
  for (const call of running) if (call.isStream) call.end(reason)
  const timer = clock.schedule(shutdownTimeoutMs, () => {
    for (const call of running) call.end(reason)
    // A turn later, so that calls which heed their signal still say why they ended.
    setImmediate(cut)
  })
  await closed
  timer[Symbol.dispose]()
}
