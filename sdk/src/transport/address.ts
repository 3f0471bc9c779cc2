import { isIP } from "node:net"
import { NsmError } from "../core/errors.ts"

/** Where to listen or to dial. */
export type Address =
  | {
      readonly kind: "unix"
      readonly path: string
      /** `device/inode` of the socket, where another one may lie at the path by now. @default any */
      readonly inode?: string
    }
  | {
      readonly kind: "tcp"
      /** Name or IP address, without brackets; empty for all addresses of the machine. */
      readonly host: string
      readonly port: number
    }

const form = /^(?<scheme>tcp|unix):\/\/(?<rest>.*)$/
const socketForm = /^(?<path>[^#]*)#(?:.*@(?<inode>\d+\/\d+)$)?/
const hostAndPort = /^(?:\[(?<ipv6>[^\]]+)\]|(?<host>[^:[\]/]*)):(?<port>\d{1,5})$/

/**
 * Reads `unix:///path/to/socket`, `tcp://host:port`, `tcp://[ipv6]:port`, `tcp://:port`, and a bare
 * `host:port` as peers' configurations have it. What follows a `#` in the URL of a socket tells apart
 * those that had the same path one after the other, such as descriptors in /proc: a number, and with
 * `@device/inode` which file has to lie there.
 */
export function parseAddress(url: string): Address {
  const { scheme = "tcp", rest = url } = form.exec(url)?.groups ?? {}
  if (scheme === "unix" && rest.startsWith("/")) return socketAddress(rest, url)
  const match = scheme === "tcp" ? hostAndPort.exec(rest)?.groups : undefined
  const host = match?.["ipv6"] ?? match?.["host"]
  const port = Number(match?.["port"])
  if (host === undefined || port > 65535 || (match?.["ipv6"] && isIP(match["ipv6"]) !== 6)) {
    throw new NsmError(
      "INVALID_URL",
      `"${url}" is no address: write unix:///path/to/socket or tcp://host:port`,
    )
  }
  return { kind: "tcp", host, port }
}

/** sun_path has 108 bytes with the zero at its end (unix(7)). */
const longestPath = 107

function socketAddress(rest: string, url: string): Address {
  const { path = rest, inode } = socketForm.exec(rest)?.groups ?? {}
  if (Buffer.byteLength(path) <= longestPath) {
    return { kind: "unix", path, ...(inode !== undefined && { inode }) }
  }
  throw new NsmError(
    "INVALID_URL",
    `the path in "${url}" is too long: a socket's path has at most ${longestPath} bytes`,
  )
}

/** Writes an address as a URL. */
export function formatAddress(address: Address): string {
  if (address.kind === "unix") return `unix://${address.path}`
  return `tcp://${hostPort(address.host, address.port)}`
}

/** Writes `host:port`, with brackets around IPv6. */
export function hostPort(host: string, port: number): string {
  return host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`
}
