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
   * From the disturbance to the first reply after the last loss: 0 when nothing was lost since,
   * infinite when nothing came back.
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

function backAfter(packets: readonly Packet[], disturbedAt: number): number {
  const lastLost = packets.findLastIndex(({ answeredAt }) => answeredAt === undefined)
  const lost = packets[lastLost]
  if (!lost || lost.sentAt < disturbedAt) return 0
  return (packets[lastLost + 1]?.answeredAt ?? Infinity) - disturbedAt
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
