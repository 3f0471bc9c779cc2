import type { LogLevel } from "../../core/log.ts"
import type { Kind } from "./setting.ts"

const levels: Readonly<Record<string, LogLevel>> = {
  trace: "trace",
  debug: "debug",
  info: "info",
  warn: "warn",
  warning: "warn",
  error: "error",
  // Go programs have two more levels, both for the last line before the end.
  fatal: "error",
  panic: "error",
}

/** Log levels, in any case. */
export const logLevel: Kind<LogLevel> = {
  form: "one of TRACE, DEBUG, INFO, WARN, ERROR",
  parse(value) {
    const level = levels[value.toLowerCase()]
    if (level === undefined) throw new RangeError()
    return level
  },
}
