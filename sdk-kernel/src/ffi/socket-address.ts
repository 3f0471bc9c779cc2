import { hostIsLittleEndian } from "./layout.ts"
import type { IpAddress } from "./ip.ts"
import { AF_INET } from "./libc.ts"

/** An address as sockets take it (struct sockaddr_in and sockaddr_in6), with port 0. */
export function socketAddress({ family, bytes }: IpAddress): Uint8Array {
  const address = new Uint8Array(family === AF_INET ? 16 : 28)
  new DataView(address.buffer).setUint16(0, family, hostIsLittleEndian)
  address.set(bytes, family === AF_INET ? 4 : 8)
  return address
}
