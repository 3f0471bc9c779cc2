import type { Neighbour } from "../links/neighbour.ts"
import type { Route } from "../links/route.ts"

/** What an interface shall have. What is left out stays as it is. */
export interface InterfaceSetup {
  readonly mtu?: number
  /** Hardware address. @default the kernel's choice */
  readonly mac?: string
  /** A text for people, up to 255 bytes. */
  readonly alias?: string
  /** Whether it is set up. @default true */
  readonly isUp?: boolean
  /** Addresses with their prefix lengths, `192.0.2.1/32`, `2001:db8::1/128`. */
  readonly addresses?: readonly string[]
  readonly routes?: readonly Route[]
  readonly neighbours?: readonly Neighbour[]
}
