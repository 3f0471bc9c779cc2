import { spawn } from "node:child_process"
import { once } from "node:events"
import { type AddressInfo, createServer, type Socket } from "node:net"
import { basename, dirname } from "node:path"
import type { Readable, Writable } from "node:stream"

/** Which way bytes go, as the server sees it. */
export type Way = "sent" | "received"

/** A bare repository served by git's own server, over a network that can be cut. */
export interface ServedRepository extends AsyncDisposable {
  readonly url: string
  /** How many bytes have gone each way, over all connections. */
  readonly bytes: Readonly<Record<Way, number>>
  /** Lets so many bytes more go one way; what comes then is lost, and its connection breaks. */
  cut(way: Way, after: number): void
  /** Puts the network together again. */
  mend(): void
}

/** Serves a bare repository on loopback, for reading and writing. */
export async function serveRepository(path: string): Promise<ServedRepository> {
  const bytes = { sent: 0, received: 0 }
  const left = { sent: Infinity, received: Infinity }
  const open = new Set<Socket>()

  const forward = async (way: Way, from: Readable, to: Writable): Promise<void> => {
    for await (const data of from as AsyncIterable<Buffer>) {
      const part = data.subarray(0, left[way])
      left[way] -= part.length
      bytes[way] += part.length
      to.write(part)
      if (part.length < data.length) break
    }
    to.end()
  }

  const server = createServer({ allowHalfOpen: true }, (socket) => {
    open.add(socket.on("close", () => open.delete(socket)))
    const words = ["daemon", "--inetd", "--export-all", "--enable=receive-pack"]
    const git = spawn("git", [...words, `--base-path=${dirname(path)}`], {
      stdio: ["pipe", "pipe", "ignore"],
    })
    // Either side may be gone before the other has said everything.
    for (const stream of [socket, git.stdin]) stream.on("error", () => {})
    forward("received", socket, git.stdin).catch(() => git.stdin.end())
    forward("sent", git.stdout, socket).then(
      () => socket.destroySoon(),
      () => socket.destroy(),
    )
  })
  server.listen(0, "127.0.0.1")
  await once(server, "listening")
  return {
    url: `git://127.0.0.1:${(server.address() as AddressInfo).port}/${basename(path)}`,
    bytes,
    cut(way, after) {
      left[way] = after
    },
    mend() {
      left.sent = left.received = Infinity
    },
    async [Symbol.asyncDispose]() {
      for (const socket of open) socket.destroy()
      server.close()
      await once(server, "close")
    },
  }
}
