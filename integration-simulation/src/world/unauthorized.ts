/** A chain of tokens that does not hold, though a hop went on with it. */
export interface Unauthorized {
  readonly hop: string
  readonly clientId: string
  readonly fault: string
}
