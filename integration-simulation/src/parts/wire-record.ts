import type { Connection } from "@nsm/api"

/** A wire that a client wants, as an onlooker knows it. */
export interface WireRecord {
  readonly id: string
  readonly client: string
  readonly service: string
  /** Where the client's interface goes. */
  readonly namespaceUrl: string
  /** As it was granted last. */
  connection: Connection | undefined
  /** When that was, on the world's clock. */
  grantedAt: number
  /** Whether packets were seen to be lost since then, or nobody could tell. */
  wasDead: boolean
  /** Since when it is not wanted any more, on the world's clock. */
  endedAt: number | undefined
  /** Since when packets pass; undefined while they do not. */
  passesSince: number | undefined
}
