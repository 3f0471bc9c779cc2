import type { LogLevel } from "../../core/log.ts"
import { logLevel } from "../config/log-level.ts"
import type { Route } from "./route.ts"

/** Reads and changes the log level: `GET` and `PUT /log/level`, the latter from this machine only. */
export function logLevelRoutes(log: { level: LogLevel }): readonly Route[] {
  const path = "/log/level"
  return [
    { method: "GET", path, answer: () => ({ body: `${log.level.toUpperCase()}\n` }) },
    {
      method: "PUT",
      path,
      answer({ body, isLocal }) {
        if (!isLocal) return { status: 403, body: "the level can be set from this machine only\n" }
        try {
          log.level = logLevel.parse(body.trim())
          return { body: `${log.level.toUpperCase()}\n` }
        } catch {
          return { status: 400, body: `expected ${logLevel.form}\n` }
        }
      },
    },
  ]
}
