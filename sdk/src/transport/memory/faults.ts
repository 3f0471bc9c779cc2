/** A call between two processes, as what may befall it sees it. */
export interface Journey {
  readonly url: string
  /** Of the gRPC method. */
  readonly path: string
  readonly isStream: boolean
  /** Fires when nobody waits for the call any more. */
  readonly signal: AbortSignal
}

/** What befalls one call on its way. */
export interface Passage {
  /**
   * Holds a message up on its way: the request, or an answer, or one item of a stream. Its failure
   * is what the caller gets to know, and a message whose way fails has not arrived. The signal fires
   * when nobody waits any more.
   */
  carry(to: "server" | "client", signal: AbortSignal): Promise<void>
  /** How often a request without a stream arrives; only the first is answered. @default 1 */
  readonly copies?: number
  /** Fires when the connection breaks, for both sides. @default never */
  readonly broken?: AbortSignal
}

/** Decides what befalls the calls of a process, each as it begins; undefined is a calm way. */
export type Faults = (journey: Journey) => Passage | undefined
