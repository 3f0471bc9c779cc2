/** Where packets go. */
export interface Route {
  /** `192.0.2.0/24`, `2001:db8::/32`; `0.0.0.0/0` and `::/0` for all. */
  readonly prefix: string
  /** The next hop. @default none, the destination is on the link */
  readonly gateway?: string
  /** The gateway is on this link even if no address says so. @default true */
  readonly isOnLink?: boolean
  /** Source address that packets get when they have none. */
  readonly source?: string
  /** Lower is preferred. @default the kernel's */
  readonly metric?: number
  /** @default 254, the main table */
  readonly table?: number
}
