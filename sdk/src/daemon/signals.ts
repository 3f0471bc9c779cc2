import type { Log, LogLevel } from "../core/log.ts"

/** What signals do to a daemon. */
export interface SignalOptions {
  readonly log: Log & { level: LogLevel }
  /** What SIGUSR2 goes back to. */
  readonly configuredLevel: LogLevel
  /** Begins the end. Called once, however many signals arrive. */
  readonly stop: (why: string) => void
}

/**
 * SIGTERM and SIGINT end the process in order, a second one at once; SIGUSR1 logs everything,
 * SIGUSR2 as configured, as in the Go programs.
 */
export function onSignals({ log, configuredLevel, stop }: SignalOptions): void {
  let isEnding = false
  const end = (signal: NodeJS.Signals): void => {
    if (isEnding) {
      log.warn("ends at once, because of a second signal", { signal })
      // Whoever asks twice does not want to wait.
      process.exit(1)
    }
    isEnding = true
    stop(signal)
  }
  const setLevel = (level: LogLevel): void => {
    log.level = level
    log.info("log level changed", { to: level.toUpperCase() })
  }
  const handlers = {
    SIGTERM: end,
    SIGINT: end,
    SIGUSR1: () => setLevel("trace"),
    SIGUSR2: () => setLevel(configuredLevel),
  } as const
  for (const [signal, handler] of Object.entries(handlers)) process.on(signal, handler)
}
