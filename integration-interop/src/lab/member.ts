/** Which implementation runs a part of a mesh. */
export type Side = "ours" | "go"

/** A process that is a part of a mesh. */
export interface Member extends AsyncDisposable {
  readonly name: string
  readonly side: Side
  /** Where it listens. */
  readonly url: string
  /** Its resident memory. */
  readonly residentBytes: number
  /** Processor time that it has used, in milliseconds. */
  readonly processorMs: number
  /** What it has written so far. */
  readonly log: string
  /** Ends it at once, so that it takes nothing back. */
  kill(): Promise<void>
}

/** What a part of a mesh needs to start; both implementations take the same variables. */
export interface MemberOptions {
  readonly name: string
  readonly url: string
  readonly settings: Readonly<Record<string, string>>
  /** Where its log and its sockets lie. */
  readonly directory: string
}
