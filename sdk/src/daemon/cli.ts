import { parseArgs } from "node:util"
import { NsmError } from "../core/errors.ts"

/** What a daemon is asked on its command line. */
export interface CommandLine {
  readonly action: "run" | "help" | "version" | "print-config"
  /** How the configuration is printed. */
  readonly output: "text" | "json"
}

/** Reads the arguments of a daemon. Fails with INVALID_CONFIGURATION on those that it does not know. */
export function parseCommandLine(args: readonly string[]): CommandLine {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: {
        help: { type: "boolean", short: "h" },
        version: { type: "boolean", short: "v" },
        "print-config": { type: "boolean" },
        output: { type: "string", short: "o", default: "text" },
      },
    })
    const { output } = values
    if (output !== "text" && output !== "json") throw new Error("-o takes text or json")
    if (values.help) return { action: "help", output }
    if (values.version) return { action: "version", output }
    return { action: values["print-config"] ? "print-config" : "run", output }
  } catch (cause) {
    const text = (cause as Error).message.split(". ")[0] ?? ""
    throw new NsmError("INVALID_CONFIGURATION", `${text}; see --help`, { cause })
  }
}
