/** An endpoint that somebody asks for and that is not there. */
export interface Wanted {
  /** Name of the network service. */
  readonly service: string
  /** The node of the client, as its label says; empty where that is not known. */
  readonly node: string
}
