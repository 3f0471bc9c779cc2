import type { Reason } from "@nsm/sdk"

/** Something that is asked of the kernel. */
export interface NetlinkRequest {
  readonly type: number
  /** Flags beside those that every request has. @default 0 */
  readonly flags?: number
  readonly payload: Uint8Array
  /** What it does, for the error when it is refused: `create veth "nsm-1"`. */
  readonly doing: string
  /** Names of error numbers that are no failure, as when what shall go is gone. @default none */
  readonly harmless?: readonly string[]
  /** Reasons for some error numbers, by name. @default EPERM, ENODEV and a general one */
  readonly reasons?: Readonly<Record<string, Reason | readonly [Reason, hint: string]>>
}
