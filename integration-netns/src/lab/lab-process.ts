import type { ChildProcess } from "node:child_process"
import { closeSync, existsSync, openSync, readdirSync, readFileSync } from "node:fs"
import { setTimeout as wait } from "node:timers/promises"
import { assertNoSecrets } from "@nsm/sdk/testing"
import type { NetworkNamespace } from "@nsm/sdk-kernel"
import { type Exit, exitOf } from "./exit.ts"
import { type Holdings, threadProbe, together } from "./holdings.ts"
import { httpGet } from "./http-get.ts"
import { besideFile, nodeOptions } from "./programs.ts"

/** What a process of the lab needs to start. */
export interface LabProcessOptions {
  /** Its NSM_NAME, and the name of its log. */
  readonly name: string
  /** The file that Node runs. */
  readonly file: string
  readonly args?: readonly string[]
  /** The network in which it runs. */
  readonly place: Pick<NetworkNamespace, "spawn">
  /** Its variables. Of this process's it gets only PATH. */
  readonly settings?: Readonly<Record<string, string>>
  /** Where its log and its sockets lie. */
  readonly directory: string
  /** A command that runs it, such as one that takes privileges away. @default none */
  readonly through?: readonly string[]
  /** Whether it can be asked for its `holdings`. @default false */
  readonly isProbed?: boolean
}

/** In which /proc counts on every Linux that Node runs on (sysconf(3), _SC_CLK_TCK). */
const ticksPerSecond = 100

const readyLimitMs = 20_000
const stopLimitMs = 12_000

/**
 * A program that runs in a network of the lab, and can be started again. It dies with this process,
 * whatever happens.
 */
export class LabProcess implements AsyncDisposable {
  readonly name: string
  readonly #path: string
  readonly #spawn: () => ChildProcess
  #process: ChildProcess
  #exit: Promise<Exit>

  constructor({ name, file, args = [], place, settings, directory, ...rest }: LabProcessOptions) {
    const { through = [], isProbed = false } = rest
    this.name = name
    this.#path = `${directory}/${name}`
    const probe = isProbed
      ? ["--expose-gc", "--import", besideFile("probe-server", import.meta.url)]
      : []
    const options = file.endsWith(".ts") || isProbed ? nodeOptions : []
    const node = [process.execPath, ...options, ...probe, file, ...args]
    const env = {
      PATH: process.env["PATH"],
      // What a killed process leaves goes with the lab.
      TMPDIR: directory,
      NSM_NAME: name,
      NSM_HTTP_LISTEN_ON: `unix://${this.#path}.http`,
      ...(isProbed && { LAB_PROBE: `${this.#path}.probe` }),
      ...settings,
    }
    this.#spawn = () => {
      const log = openSync(`${this.#path}.log`, "a")
      try {
        const command = ["--pdeathsig", "KILL", ...through, ...node]
        return place.spawn("setpriv", command, { stdio: ["ignore", log, log], env })
      } finally {
        closeSync(log)
      }
    }
    this.#process = this.#spawn()
    this.#exit = exitOf(this.#process)
  }

  get pid(): number {
    return this.#process.pid ?? -1
  }

  get hasEnded(): boolean {
    return this.#process.exitCode !== null || this.#process.signalCode !== null
  }

  /** What it has written so far. */
  get log(): string {
    return readFileSync(`${this.#path}.log`, "utf8")
  }

  /** Resolves once it says that it serves; rejects with its log when it ends or takes too long. */
  async ready(): Promise<this> {
    for (const until = Date.now() + readyLimitMs; Date.now() < until; await wait(20)) {
      if (this.hasEnded) throw new Error(`${this.name} ended:\n${this.log}`)
      if (await this.page("/readyz").catch(() => undefined)) return this
    }
    throw new Error(`${this.name} is not ready after ${readyLimitMs} ms:\n${this.log}`)
  }

  /** Resolves once its log has a match; rejects with the log when it ends or takes too long. */
  async logged(pattern: RegExp): Promise<string> {
    for (const until = Date.now() + readyLimitMs; Date.now() < until; await wait(20)) {
      const [found] = pattern.exec(this.log) ?? []
      if (found !== undefined) return found
      if (this.hasEnded) break
    }
    throw new Error(`${this.name} did not log ${String(pattern)}:\n${this.log}`)
  }

  /** A page of its HTTP listener. */
  page(path: string): Promise<string> {
    return httpGet(`${this.#path}.http`, path)
  }

  /** What it holds, with its thread, after garbage has been collected; only of a probed process. */
  async holdings(): Promise<Holdings> {
    const probe = `${this.#path}.probe`
    const ask = async (path: string): Promise<Holdings> =>
      JSON.parse(await httpGet(path, "/")) as Holdings
    const own = await ask(probe)
    if (!existsSync(threadProbe(probe))) return own
    return together(own, await ask(threadProbe(probe)))
  }

  /** How many descriptors it has open. */
  get descriptors(): number {
    return readdirSync(`/proc/${this.pid}/fd`).length
  }

  /** Its resident memory. */
  get residentBytes(): number {
    const status = readFileSync(`/proc/${this.pid}/status`, "utf8")
    return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1]) * 1024
  }

  /** Processor time that it has used since it was started, in seconds. */
  get processorSeconds(): number {
    const stat = readFileSync(`/proc/${this.pid}/stat`, "utf8")
    // The name, in parentheses, may hold anything; utime and stime are the 12th and 13th behind it.
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ")
    return (Number(fields[11]) + Number(fields[12])) / ticksPerSecond
  }

  kill(signal: NodeJS.Signals): void {
    this.#process.kill(signal)
  }

  /** Ends it, by force unless told otherwise, and resolves when it has ended. */
  async end(signal: NodeJS.Signals = "SIGKILL"): Promise<void> {
    this.kill(signal)
    await this.#exit
  }

  /** Starts it again as it was started, after it has ended; `ready` tells when it serves. */
  start(): this {
    if (!this.hasEnded) throw new Error(`${this.name} runs already`)
    this.#process = this.#spawn()
    this.#exit = exitOf(this.#process)
    return this
  }

  /** Resolves when it has ended. */
  exited(): Promise<Exit> {
    return this.#exit
  }

  /**
   * Ends it in order; by force, and with an error, when it does not end in time. Throws, too, when it
   * has written a token or a private key.
   */
  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.hasEnded) {
      this.kill("SIGTERM")
      const force = setTimeout(() => this.kill("SIGKILL"), stopLimitMs)
      const { signal } = await this.#exit
      clearTimeout(force)
      if (signal === "SIGKILL") throw new Error(`${this.name} did not end on SIGTERM:\n${this.log}`)
    }
    assertNoSecrets(this.name, this.log)
  }
}
