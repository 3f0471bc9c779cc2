/** Which hardware address an IP address on the link has. */
export interface Neighbour {
  readonly ip: string
  readonly mac: string
  /** `reachable` ones age as learned ones do. @default "permanent" */
  readonly state?: "permanent" | "reachable"
}
