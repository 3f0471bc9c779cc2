import { type ChildProcess, spawn } from "node:child_process"
import { closeSync, openSync, readFileSync } from "node:fs"
import { createInterface } from "node:readline"
import { type Exit, exitOf } from "@nsm/integration-netns"
import type { MemberOptions } from "./member.ts"
import { goProgram } from "./go-program.ts"
import { processorMsOf, residentBytesOf } from "./process-figures.ts"

/** What the Go side can be. */
export type GoRole = "registry" | "nsmgr" | "forwarder" | "nse" | "nsc"

const readyLimitMs = 20_000
const stopLimitMs = 8000

/** One role of the Go side in a process of its own, which dies with this one. */
export class GoProcess implements AsyncDisposable {
  readonly side = "go"
  readonly name: string
  readonly url: string
  readonly #process: ChildProcess
  readonly #exit: Promise<Exit>
  readonly #log: string
  readonly #lines: (line: string) => void

  /** Starts a role; resolves once it is ready. What it writes afterwards goes to `onLine`. */
  static async start(
    role: GoRole,
    options: MemberOptions,
    onLine: (line: string) => void = () => {},
  ): Promise<GoProcess> {
    const program = await goProgram()
    if ("missing" in program) throw new Error(program.missing)
    const process = new GoProcess(program.file, role, options, onLine)
    await process.#ready()
    return process
  }

  private constructor(
    file: string,
    role: GoRole,
    { name, url, settings, directory }: MemberOptions,
    onLine: (line: string) => void,
  ) {
    this.name = name
    this.url = url
    this.#log = `${directory}/${name}.log`
    this.#lines = onLine
    const log = openSync(this.#log, "a")
    this.#process = spawn("setpriv", ["--pdeathsig", "KILL", file, role], {
      stdio: ["pipe", "pipe", log],
      env: { PATH: process.env["PATH"], NSM_NAME: name, ...settings },
    })
    closeSync(log)
    this.#exit = exitOf(this.#process)
  }

  get residentBytes(): number {
    return residentBytesOf(this.#pid)
  }

  get processorMs(): number {
    return processorMsOf(this.#pid)
  }

  get log(): string {
    return readFileSync(this.#log, "utf8")
  }

  get #pid(): number {
    return this.#process.pid ?? -1
  }

  /** Writes a line to its standard input. */
  tell(line: string): void {
    this.#process.stdin?.write(`${line}\n`)
  }

  async kill(): Promise<void> {
    this.#process.kill("SIGKILL")
    await this.#exit
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#process.stdin?.end()
    this.#process.kill("SIGTERM")
    const force = setTimeout(() => this.#process.kill("SIGKILL"), stopLimitMs)
    await this.#exit
    clearTimeout(force)
  }

  /** Its first line says that it is ready. */
  async #ready(): Promise<void> {
    const ready = Promise.withResolvers<void>()
    if (this.#process.stdout) {
      createInterface({ input: this.#process.stdout }).on("line", (line) => {
        if (line.startsWith("ready")) ready.resolve()
        else this.#lines(line)
      })
    }
    const fail = (what: string): void =>
      ready.reject(new Error(`${this.name} ${what}:\n${this.log}`))
    this.#exit.then(
      () => fail("ended"),
      () => fail("could not be started"),
    )
    const timer = setTimeout(() => fail(`is not ready after ${readyLimitMs} ms`), readyLimitMs)
    try {
      await ready.promise
    } catch (failure) {
      this.#process.kill("SIGKILL")
      throw failure
    } finally {
      clearTimeout(timer)
    }
  }
}
