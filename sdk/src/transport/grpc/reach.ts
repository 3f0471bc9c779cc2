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

/** The form in which Node's net wants an address. */
export function endpoint(address: Address): { path: string } | { host: string; port: number } {
  return address.kind === "unix"
    ? { path: address.path }
    : { host: address.host, port: address.port }
}
