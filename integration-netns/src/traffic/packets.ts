/** One echo request; times in milliseconds since 1970. */
export interface Packet {
  readonly sentAt: number
  /** When the kernel got its reply; undefined when none came. */
  readonly answeredAt?: number
}

/** What a disturbance did to packets. */
export interface Outage {
  readonly sent: number
  readonly lost: number
  /** The longest time without a reply, from the first request to the last. */
  readonly longestGapMs: number
  /**
   * From the disturbance to the reply to the first request after all that were lost or answered late: 0
   * when there was none of these since, infinite when nothing came back.
   */
  readonly backMs: number
}

/** What became of packets around a disturbance at a time. */
export function outageOf(packets: readonly Packet[], disturbedAt: number): Outage {
  const answers = packets.flatMap(({ answeredAt }) => answeredAt ?? [])
  const ends = [packets[0], packets.at(-1)].flatMap((packet) => packet?.sentAt ?? [])
  const times = [...ends, ...answers].toSorted((a, b) => a - b)
  const gaps = times.slice(1).map((time, index) => time - (times[index] ?? time))
  return {
    sent: packets.length,
    lost: packets.length - answers.length,
    longestGapMs: Math.max(0, ...gaps),
    backMs: backAfter(packets, disturbedAt),
  }
}

/** Packets may wait for a wire in the kernel: what is answered later than this did not flow. */
const lateMs = 200

function backAfter(packets: readonly Packet[], disturbedAt: number): number {
  const last = packets.findLastIndex(
    ({ sentAt, answeredAt = Infinity }) => answeredAt > sentAt + lateMs,
  )
  const stuck = packets[last]
  if (!stuck || stuck.sentAt < disturbedAt) return 0
  return (packets[last + 1]?.answeredAt ?? Infinity) - disturbedAt
}

/** Whether packets flow: as many in a row as `count`, all sent since a time, were answered. */
export function flowsSince(packets: readonly Packet[], since: number, count: number): boolean {
  const lastAnswered = packets.findLastIndex(({ answeredAt }) => answeredAt !== undefined)
  // Replies to the latest ones may be on their way.
  if (packets.length - 1 - lastAnswered > inFlight) return false
  const row = packets.slice(Math.max(0, lastAnswered + 1 - count), lastAnswered + 1)
  return (
    row.length === count &&
    row.every((each) => each.answeredAt !== undefined && each.sentAt >= since)
  )
}

/** How many requests may wait for their replies while packets flow. */
const inFlight = 3
