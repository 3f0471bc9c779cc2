import type { Registry } from "prom-client"
import type { Clock } from "../core/clock.ts"
import type { Log } from "../core/log.ts"
import type { Random } from "../core/random.ts"
import type { processSettings } from "./config/common-settings.ts"
import type { Settings, Values } from "./config/setting.ts"
import type { Route } from "./http/route.ts"
import type { HeapNeeds } from "./lean-heap.ts"
import type { Readiness } from "./readiness.ts"
import type { TaskGroup } from "./task-group.ts"

/** A table of settings that has those that every daemon needs. */
export type DaemonSettings = Settings & ReturnType<typeof processSettings>

/** What a running daemon gives to the program in it. */
export interface Daemon<S extends DaemonSettings> {
  readonly config: Values<S>
  readonly log: Log
  readonly clock: Clock
  readonly random: Random
  /** Fires when the daemon begins to end. */
  readonly signal: AbortSignal
  /** Work in the background; ends after everything that was kept with `use` and `defer`. */
  readonly tasks: TaskGroup
  /** What has to be in place before `/readyz` says so. */
  readonly readiness: Readiness
  /** Where metrics are registered, for `/metrics`. */
  readonly metrics: Registry
  /** Keeps something that was started, to be ended with the daemon, last first. Answers it. */
  readonly use: <T extends AsyncDisposable | Disposable>(name: string, resource: T) => T
  /** Keeps something to be done at the end, last first. */
  readonly defer: (name: string, end: () => Promise<void>) => void
  /** Answers one more thing over HTTP. */
  readonly route: (route: Route) => void
  /** Ends the daemon in order, as SIGTERM does. */
  readonly stop: (why: string) => void
}

/** A daemon's program: what it is, its settings, and how it starts. */
export interface DaemonProgram<S extends DaemonSettings> extends HeapNeeds {
  /** Name of the command. */
  readonly command: string
  /** Where the package.json of the command lies; version and description are from there. */
  readonly manifest: URL
  readonly settings: S
  /**
   * Starts everything and resolves when it serves; what it answers stands in the log's line `ready`.
   * Gives up when the daemon's signal fires.
   */
  start(daemon: Daemon<S>): Promise<object>
}
