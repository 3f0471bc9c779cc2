import { once } from "node:events"
import { mkdir } from "node:fs/promises"
import type { IncomingMessage, ServerResponse } from "node:http"
import type { AddressInfo } from "node:net"
import { dirname } from "node:path"
import { buffer } from "node:stream/consumers"
import { NsmError } from "../../core/errors.ts"
import type { Log } from "../../core/log.ts"
import type { Listener } from "../../transport/transport.ts"
import type { HttpAddress } from "../config/http-address.ts"
import { removeStaleSocket } from "./remove-stale-socket.ts"
import type { HttpAnswer, Route } from "./route.ts"

// Not by import: that reads each of the module's exports, and one of them loads an HTTP client and a
// WebSocket, some 4 MiB that no daemon uses.
const { createServer } = process.getBuiltinModule("node:http")

/** What the HTTP server needs. */
export interface HttpOptions {
  readonly address: HttpAddress
  /** Looked at for every request, so that routes may be added later. */
  readonly routes: readonly Route[]
  readonly log: Log
}

/** Serves routes over HTTP. Ready when it resolves; fails with ADDRESS_IN_USE when that is taken. */
export async function serveHttp({ address, routes, log }: HttpOptions): Promise<Listener> {
  const server = createServer((request, response) => {
    answer(routes, request).then(
      (given) => send(response, given),
      (failure: unknown) => {
        log.error("HTTP request failed", { path: request.url, error: failure })
        send(response, { status: 500, body: "internal error, see the log\n" })
      },
    )
  })
  if ("path" in address) {
    await mkdir(dirname(address.path), { recursive: true })
    await removeStaleSocket(address.path)
  }
  try {
    await once(server.listen(address), "listening")
  } catch (cause) {
    const isTaken = (cause as NodeJS.ErrnoException).code === "EADDRINUSE"
    const reason = isTaken ? "ADDRESS_IN_USE" : "INVALID_CONFIGURATION"
    throw new NsmError(reason, `cannot serve HTTP on ${shown(address)}`, { cause })
  }
  const bound = server.address()
  return {
    url: typeof bound === "string" || bound === null ? `unix://${String(bound)}` : urlOf(bound),
    async [Symbol.asyncDispose]() {
      const closed = once(server, "close")
      server.close()
      server.closeAllConnections()
      await closed
    },
  }
}

async function answer(routes: readonly Route[], request: IncomingMessage): Promise<HttpAnswer> {
  const { pathname, searchParams } = new URL(request.url ?? "/", "http://localhost")
  const here = routes.filter(({ path }) => path === pathname)
  if (here.length === 0) {
    const paths = routes.map(({ method, path }) => `${method} ${path}\n`).join("")
    return { status: 404, body: `nothing at ${pathname}; there is\n${paths}` }
  }
  const method = request.method === "HEAD" ? "GET" : request.method
  const route = here.find((candidate) => candidate.method === method)
  if (!route) return { status: 405, body: `use ${here.map((r) => r.method).join(" or ")}\n` }
  return route.answer({
    query: searchParams,
    body: method === "GET" ? "" : await body(request),
    isLocal: isLocal(request),
  })
}

/** No route takes more than a word. */
const longestBody = 1024

async function body(request: IncomingMessage): Promise<string> {
  const length = Number(request.headers["content-length"] ?? longestBody + 1)
  return length > longestBody ? "" : (await buffer(request)).toString()
}

function send(response: ServerResponse, { status = 200, type, body: text }: HttpAnswer): void {
  response.writeHead(status, { "content-type": type ?? "text/plain; charset=utf-8" }).end(text)
}

function isLocal({ socket: { remoteAddress } }: IncomingMessage): boolean {
  // A unix socket has no remote address.
  return remoteAddress === undefined || /^(127\.|::1$|::ffff:127\.)/.test(remoteAddress)
}

function shown(address: HttpAddress): string {
  return "path" in address ? `unix://${address.path}` : `${address.host ?? ""}:${address.port}`
}

function urlOf({ address, family, port }: AddressInfo): string {
  return `http://${family === "IPv6" ? `[${address}]` : address}:${port}`
}
