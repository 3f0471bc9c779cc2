import type { Command } from "commander"
import type { Surroundings } from "./program.ts"

/** What a file with one command is given. */
export interface CommandKit extends Surroundings {
  /** Adds a command that prints in one of the formats. @default ["table", "json"] */
  readonly command: (name: string, description: string, formats?: string[]) => Command
  /** Prints a result as JSON. */
  readonly json: (value: object) => void
}
