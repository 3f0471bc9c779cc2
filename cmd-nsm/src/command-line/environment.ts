import type { Context } from "../commands/command.ts"

/** What the commands of the command line are made with. */
export interface Environment {
  /** Where to report and when to stop; known once the options have been read. */
  readonly context: () => Context
}
