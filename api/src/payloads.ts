/** What a wire carries; the values of `Connection.payload` and `NetworkService.payload`. */
export const Payload = {
  /** IP packets, without a link-layer header. A network service that says nothing gets this. */
  IP: "IP",
  /** Ethernet frames. */
  ETHERNET: "ETHERNET",
} as const

/** One of the payloads. */
export type Payload = (typeof Payload)[keyof typeof Payload]
