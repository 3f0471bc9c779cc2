import { connect } from "node:net"
import type { Clock } from "../../core/clock.ts"
import { NsmError } from "../../core/errors.ts"
import { type Address, parseAddress } from "../address.ts"
import { fromNode } from "../node-error.ts"

/** Finds out whether anybody takes connections at a URL; fails with PEER_UNREACHABLE when not. */
export async function reach(
  url: string,
  { clock, timeoutMs }: { clock: Clock; timeoutMs: number },
): Promise<void> {
  const address = parseAddress(url)
  if (address.kind === "tcp" && address.host === "") {
    throw new NsmError("INVALID_URL", `"${url}" names no host to dial: write tcp://host:port`)
  }
  await new Promise<void>((resolve, reject) => {
    const socket = connect(endpoint(address))
    const timer = clock.schedule(timeoutMs, () => {
      socket.destroy(
        new NsmError("PEER_UNREACHABLE", `nobody answered at ${url} within ${timeoutMs} ms`),
      )
    })
    socket.once("connect", () => {
      socket.destroy()
      resolve()
    })
    socket.once("error", (error) => reject(fromNode(error, `dial ${url}`)))
    socket.once("close", () => timer[Symbol.dispose]())
  })
}

/** The form in which Node's net wants an address. */
export function endpoint(address: Address): { path: string } | { host: string; port: number } {
  return address.kind === "unix"
    ? { path: address.path }
    : { host: address.host, port: address.port }
}
