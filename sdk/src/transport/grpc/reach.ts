import { statSync } from "node:fs"
import { connect, type Socket } from "node:net"
import type { Clock } from "../../core/clock.ts"
import { NsmError } from "../../core/errors.ts"
import { type Address, parseAddress } from "../address.ts"
import { fromNode } from "../node-error.ts"
import { onEnd } from "../on-end.ts"

/** How long it may take. */
export interface ReachOptions {
  readonly clock: Clock
  readonly timeoutMs: number
  /** Gives it up. */
  readonly signal?: AbortSignal
}

/** Connects to a URL; fails with PEER_UNREACHABLE when nobody takes connections there. */
export async function reach(
  url: string,
  { clock, timeoutMs, signal }: ReachOptions,
): Promise<Socket> {
  const address = parseAddress(url)
  if (address.kind === "tcp" && address.host === "") {
    throw new NsmError("INVALID_URL", `"${url}" names no host to dial: write tcp://host:port`)
  }
  // In the turn in which it connects, so that nothing else can come to lie there in between.
  if (address.kind === "unix") assertSame(address, url)
  return await new Promise<Socket>((resolve, reject) => {
    const socket = connect({ ...endpoint(address), noDelay: true })
    const timer = clock.schedule(timeoutMs, () => {
      socket.destroy(
        new NsmError("PEER_UNREACHABLE", `nobody answered at ${url} within ${timeoutMs} ms`),
      )
    })
    const end = onEnd(signal ? [signal] : [], (reason) => socket.destroy(NsmError.from(reason)))
    const settle = (): void => {
      timer[Symbol.dispose]()
      end[Symbol.dispose]()
      socket.off("error", fail)
    }
    const fail = (error: Error): void => {
      settle()
      reject(fromNode(error, `dial ${url}`))
    }
    socket.once("error", fail)
    socket.once("connect", () => {
      settle()
      resolve(socket)
    })
  })
}

function assertSame({ path, inode }: { path: string; inode?: string }, url: string): void {
  if (inode === undefined || inode === inodeAt(path, url)) return
  throw new NsmError("PEER_UNREACHABLE", `dial ${url}: the socket has gone`)
}

/** `device/inode` of what lies at a path; undefined where that is nothing. */
function inodeAt(path: string, url: string): string | undefined {
  try {
    const found = statSync(path, { bigint: true, throwIfNoEntry: false })
    return found && `${found.dev}/${found.ino}`
  } catch (failure) {
    throw fromNode(failure, `dial ${url}`)
  }
}

/** The form in which Node's net wants an address. */
export function endpoint(address: Address): { path: string } | { host: string; port: number } {
  return address.kind === "unix"
    ? { path: address.path }
    : { host: address.host, port: address.port }
}
