import { pino, type DestinationStream, type Logger } from "pino"
import type { Log, LogLevel } from "../core/log.ts"
import { loggable } from "./loggable.ts"

/** What a daemon's log is made of. */
export interface DaemonLogOptions {
  readonly name: string
  readonly level: LogLevel
  /** Text for people instead of JSON lines. @default whether stdout is a terminal */
  readonly isText?: boolean
  /** Colours in the text. @default unless NO_COLOR is set */
  readonly hasColor?: boolean
  /** @default stdout, written at once so that the last line before the end is not lost */
  readonly destination?: DestinationStream
}

/** The log of a process. Its level, and that of all its children, may change while it runs. */
export interface DaemonLog extends Log {
  level: LogLevel
}

/** Opens the log: one JSON document a line, with `ts`, `level`, `name`, `msg` and fields. */
export async function daemonLog({
  name,
  level,
  isText = process.stdout.isTTY,
  hasColor = !process.env["NO_COLOR"],
  destination = pino.destination({ dest: 1, sync: true }),
}: DaemonLogOptions): Promise<DaemonLog> {
  const logger = pino(
    {
      level,
      base: { name },
      timestamp: () => `,"ts":"${new Date().toISOString()}"`,
      formatters: { level: (label) => ({ level: label }), log: loggable },
    },
    isText ? await prettyStream(destination, hasColor) : destination,
  )
  return Object.defineProperty(withFields(logger, {}), "level", {
    get: () => logger.level,
    set(changed: LogLevel) {
      logger.level = changed
    },
  }) as DaemonLog
}

/** Children share the one logger, because pino copies the level into its own. */
function withFields(logger: Logger, own: object): Log {
  const write =
    (level: Exclude<LogLevel, "trace">) =>
    (message: string, fields: object = {}): void => {
      if (logger.isLevelEnabled(level)) logger[level]({ ...own, ...fields }, message)
    }
  return {
    error: write("error"),
    warn: write("warn"),
    info: write("info"),
    debug: write("debug"),
    child: (fields) => withFields(logger, { ...own, ...fields }),
  }
}

/** Loaded on a terminal only: daemons without one save its memory. Images do without it altogether. */
async function prettyStream(
  destination: DestinationStream,
  colorize: boolean,
): Promise<DestinationStream> {
  const pretty = await import("pino-pretty").catch(() => undefined)
  if (!pretty) return destination
  const format = pretty.prettyFactory({
    colorize,
    timestampKey: "ts",
    translateTime: "HH:MM:ss.l",
    ignore: "name",
    messageFormat: "{name}: {msg}",
  })
  return {
    write(line) {
      destination.write(format(line))
    },
  }
}
