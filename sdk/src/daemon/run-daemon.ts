import { readFileSync } from "node:fs"
import { NsmError } from "../core/errors.ts"
import { parseCommandLine } from "./cli.ts"
import { configJson, configText, helpText, type Program } from "./config/print.ts"
import { type Config, readConfig } from "./config/read-config.ts"
import type { DaemonProgram, DaemonSettings } from "./daemon.ts"
import { leanHeap } from "./lean-heap.ts"
import { live } from "./live.ts"

/**
 * Runs a command from its arguments and environment to its end: settings, log, HTTP, the program,
 * then waits for SIGTERM or SIGINT and ends everything in reverse. Sets the exit code: 0 for an end
 * in order, 1 for a failure, 2 for a wrong option or setting.
 *
 * @example
 * await runDaemon({
 *   command: "nap",
 *   manifest: new URL("../package.json", import.meta.url),
 *   settings: commonSettings({ name: "nap" }),
 *   async start({ tasks, clock }) {
 *     tasks.run("nap", (signal) => sleep(clock, 3_600_000, signal))
 *     return { hours: 1 }
 *   },
 * })
 */
export async function runDaemon<S extends DaemonSettings>(
  program: DaemonProgram<S>,
): Promise<void> {
  leanHeap(program)
  const about = describe(program)
  const config = understood(program.settings, about)
  if (config) await live({ program, about, config })
}

/** The settings with which to run; undefined when that is not what is asked for, or impossible. */
function understood<S extends DaemonSettings>(settings: S, about: Program): Config<S> | undefined {
  try {
    const { action, output } = parseCommandLine(process.argv.slice(2))
    if (action === "help") return print(helpText(about, settings))
    if (action === "version") return print(`${about.name} ${about.version}\n`)
    const config = readConfig(settings, process.env)
    if (action === "run") return config
    return print(output === "json" ? configJson(config.effective) : configText(config.effective))
  } catch (failure) {
    process.stderr.write(`${about.name}: ${NsmError.from(failure).message}\n`)
    process.exitCode = 2
    return undefined
  }
}

function describe({ command, manifest }: { command: string; manifest: URL }): Program {
  const { version, description } = JSON.parse(readFileSync(manifest, "utf8")) as Program
  return { name: command, version, description }
}

function print(text: string): undefined {
  process.stdout.write(text)
}
