/** Counters of an interface. */
export interface LinkStatistics {
  readonly receivedPackets: bigint
  readonly sentPackets: bigint
  readonly receivedBytes: bigint
  readonly sentBytes: bigint
  readonly receiveErrors: bigint
  readonly sendErrors: bigint
  readonly receiveDropped: bigint
  readonly sendDropped: bigint
}

/** A network interface as the kernel describes it. */
export interface Link {
  readonly index: number
  readonly name: string
  /** `veth`, `vxlan`, `bridge`; undefined for devices without one, such as loopback. */
  readonly kind: string | undefined
  readonly mtu: number
  /** Hardware address, `02:42:ac:11:00:02`; undefined for devices without one. */
  readonly mac: string | undefined
  readonly alias: string | undefined
  /** Whether it has been set up by the administrator. */
  readonly isUp: boolean
  /** Whether it is up and can carry packets. */
  readonly isRunning: boolean
  /** Index of the bridge that it is a port of. */
  readonly bridge: number | undefined
  /** Index of the other end of a pair or of the device below, in the namespace where that one is. */
  readonly peer: number | undefined
  readonly statistics: LinkStatistics | undefined
}
