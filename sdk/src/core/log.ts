/** Levels: error = someone must act, warn = it may soon, info = life cycle, debug = per request. */
export type LogLevel = "trace" | "debug" | "info" | "warn" | "error"

/** Writes events: a constant message and fields. Tokens and keys never go into fields. */
export interface Log {
  error(message: string, fields?: object): void
  warn(message: string, fields?: object): void
  info(message: string, fields?: object): void
  debug(message: string, fields?: object): void
  /** The same log with fields that every event gets. */
  child(fields: object): Log
}

/** Drops everything. */
export const silentLog: Log = {
  error() {},
  warn() {},
  info() {},
  debug() {},
  child: () => silentLog,
}
