import type { Command } from "commander"

/** Lets a command be told which forge is meant. */
export function withForge(command: Command): Command {
  return command.option(
    "-f, --forge <forge>",
    "a bare repository's folder, or github:owner/name (default: origin)",
  )
}
