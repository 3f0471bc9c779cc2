import { once } from "node:events"
import { type Clock, systemClock } from "../core/clock.ts"
import { NsmError } from "../core/errors.ts"
import { systemRandom } from "../core/random.ts"
import type { processSettings } from "./config/common-settings.ts"
import type { Program } from "./config/print.ts"
import type { Config } from "./config/read-config.ts"
import type { Values } from "./config/setting.ts"
import type { DaemonProgram, DaemonSettings } from "./daemon.ts"
import { healthRoutes } from "./http/health-routes.ts"
import { logLevelRoutes } from "./http/log-level-routes.ts"
import type { Route } from "./http/route.ts"
import { serveHttp } from "./http/serve-http.ts"
import { daemonLog, type DaemonLog } from "./log.ts"
import { daemonMetrics, metricsRoute } from "./metrics.ts"
import { Readiness } from "./readiness.ts"
import { Resources } from "./resources.ts"
import { onSignals } from "./signals.ts"
import { TaskGroup } from "./task-group.ts"
import { unlessLate } from "./unless-late.ts"

/** A program with its settings read. */
export interface Life<S extends DaemonSettings> {
  readonly program: DaemonProgram<S>
  readonly about: Program
  readonly config: Config<S>
}

/** Lives a daemon's life from its first log line to its last, and sets the exit code. */
export async function live<S extends DaemonSettings>({
  program,
  about,
  config,
}: Life<S>): Promise<void> {
  const clock = systemClock
  const settings = config.values as Values<ReturnType<typeof processSettings>>
  const { shutdownTimeoutMs } = settings
  const log = await daemonLog({ name: settings.name, level: settings.logLevel })
  const resources = new Resources({ clock, log })
  const ending = new AbortController()
  const stop = (why: string): void => {
    if (ending.signal.aborted) return
    log.info("ending", { why })
    ending.abort(new NsmError("SHUTTING_DOWN", `the process is ending: ${why}`))
  }
  const fail = (message: string, error: unknown): void => {
    process.exitCode = 1
    log.error(message, { error })
    stop("failure")
  }
  onSignals({ log, configuredLevel: settings.logLevel, stop })
  process.on("uncaughtException", (error) => fail("uncaught error", error))

  log.info("starting", { command: about.name, version: about.version, pid: process.pid })
  for (const unknown of config.unknown) log.warn("unknown variable, it has no effect", unknown)
  try {
    const { signal } = ending
    const readiness = new Readiness()
    const metrics = daemonMetrics(about)
    const routes = [
      ...healthRoutes({ readiness, signal }),
      metricsRoute(metrics),
      ...logLevelRoutes(log),
    ]
    const tasks = resources.use("background work", new TaskGroup({ log }))
    const http = await serve({ settings, routes, log, resources })
    const started = readiness.needs("start")
    const starting = program.start({
      config: config.values,
      log,
      clock,
      random: systemRandom,
      signal,
      tasks,
      readiness,
      metrics,
      use: (name, resource) => resources.use(name, resource),
      defer: (name, end) => resources.defer(name, end),
      route: (route) => void routes.push(route),
      stop,
    })
    const serving = await unlessLate(starting, { clock, signal, limitMs: shutdownTimeoutMs / 2 })
    started.met()
    if (!signal.aborted) {
      log.info("ready", { ...serving, http })
      await once(signal, "abort")
    }
  } catch (failure) {
    // What fails after the end has begun, mostly fails because of it.
    if (ending.signal.aborted) log.debug("start given up", { error: failure })
    else fail("cannot start", failure)
  }
  await endAll({ clock, log, resources, limitMs: shutdownTimeoutMs })
}

async function serve({
  settings: { httpListenOn: address },
  routes,
  log,
  resources,
}: {
  settings: Values<ReturnType<typeof processSettings>>
  routes: readonly Route[]
  log: DaemonLog
  resources: Resources
}): Promise<string | undefined> {
  if (address === undefined) return undefined
  return resources.use("HTTP", await serveHttp({ address, routes, log })).url
}

async function endAll({
  clock,
  log,
  resources,
  limitMs,
}: {
  clock: Clock
  log: DaemonLog
  resources: Resources
  limitMs: number
}): Promise<void> {
  const until = clock.now() + limitMs
  if (!(await resources.end(limitMs))) process.exitCode = 1
  log.info("ended", { exitCode: process.exitCode ?? 0 })
  // Fires only when something still keeps the process.
  setTimeout(
    () => {
      log.error("still open at the end", { open: process.getActiveResourcesInfo() })
      process.exit(1)
    },
    Math.max(1000, until - clock.now()),
  ).unref()
}
