import { readU64 } from "../netlink/value.ts"

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

/** Reads the start of a rtnl_link_stats64 structure. */
export function readStatistics(value: Uint8Array): LinkStatistics {
  return {
    receivedPackets: readU64(value, 0),
    sentPackets: readU64(value, 8),
    receivedBytes: readU64(value, 16),
    sentBytes: readU64(value, 24),
    receiveErrors: readU64(value, 32),
    sendErrors: readU64(value, 40),
    receiveDropped: readU64(value, 48),
    sendDropped: readU64(value, 56),
  }
}
