import { readFileSync } from "node:fs"
import { NsmError } from "../core/errors.ts"
import { parseCommandLine } from "./cli.ts"
import { configJson, configText, helpText, type Program } from "./config/print.ts"
import { readConfig } from "./config/read-config.ts"
import type { DaemonProgram, DaemonSettings } from "./daemon.ts"
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
  const about = describe(program)
  try {
    const line = parseCommandLine(process.argv.slice(2))
    if (line.action === "help") return print(helpText(about, program.settings))
    if (line.action === "version") return print(`${about.name} ${about.version}\n`)
    const config = readConfig(program.settings, process.env)
    if (line.action === "run") return await live({ program, about, config })
    print(line.output === "json" ? configJson(config.effective) : configText(config.effective))
  } catch (failure) {
    process.stderr.write(`${about.name}: ${NsmError.from(failure).message}\n`)
    process.exitCode = 2
  }
}

function describe({ command, manifest }: { command: string; manifest: URL }): Program {
  const { version, description } = JSON.parse(readFileSync(manifest, "utf8")) as Program
  return { name: command, version, description }
}

function print(text: string): void {
  process.stdout.write(text)
}
