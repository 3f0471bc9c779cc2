import { type ChildProcess, spawn } from "node:child_process"
import { once } from "node:events"
import { createInterface } from "node:readline"
import { fileURLToPath } from "node:url"
import { assertNoSecrets } from "./secrets.ts"

/** One line of a daemon's log. */
export interface LogLine {
  readonly level: string
  readonly msg: string
  readonly [field: string]: unknown
}

/** How a daemon's process is started. */
export interface DaemonProcessOptions {
  /** Its `main.ts`. */
  readonly main: URL
  /** Its variables. Nothing but PATH is inherited. */
  readonly env?: Readonly<Record<string, string>>
  /** @default none */
  readonly args?: readonly string[]
}

/**
 * A daemon as a process of its own, run from its sources; killed when disposed, if still there.
 * Disposal throws when it has written a token or a private key.
 */
export class DaemonProcess implements AsyncDisposable {
  readonly #main: URL
  readonly #child: ChildProcess
  readonly #closed: Promise<unknown>
  readonly #waiting = new Set<() => void>()
  readonly lines: LogLine[] = []
  #output = ""
  #errors = ""

  constructor({ main, env = {}, args = [] }: DaemonProcessOptions) {
    this.#main = main
    this.#child = spawn(process.execPath, ["--conditions=source", fileURLToPath(main), ...args], {
      env: { PATH: process.env["PATH"], ...env },
      stdio: ["ignore", "pipe", "pipe"],
    })
    this.#closed = once(this.#child, "close").then(() => this.#wake())
    const { stdout, stderr } = this.#child
    if (stdout) createInterface(stdout).on("line", (line) => this.#read(line))
    stderr?.setEncoding("utf8").on("data", (text: string) => void (this.#errors += text))
  }

  get pid(): number {
    return this.#child.pid ?? -1
  }

  /** What it wrote to stdout that is not log. */
  get output(): string {
    return this.#output
  }

  /** What it wrote to stderr. */
  get errors(): string {
    return this.#errors
  }

  /** The first log line with this message, past or to come. Rejects when the process ends first. */
  async line(msg: string): Promise<LogLine> {
    for (;;) {
      const found = this.lines.find((line) => line.msg === msg)
      if (found) return found
      if (this.#isOver) throw new Error(`ended without "${msg}":\n${this.#story()}`)
      await new Promise<void>((resolve) => void this.#waiting.add(resolve))
    }
  }

  kill(signal: NodeJS.Signals): void {
    this.#child.kill(signal)
  }

  /** Its exit code, once it has ended. */
  async exitCode(): Promise<number | null> {
    await this.#closed
    return this.#child.exitCode
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.#isOver) this.#child.kill("SIGKILL")
    await this.#closed
    assertNoSecrets(fileURLToPath(this.#main), this.#story())
  }

  get #isOver(): boolean {
    return this.#child.exitCode !== null || this.#child.signalCode !== null
  }

  #read(line: string): void {
    if (line.startsWith("{") && line.endsWith("}")) this.lines.push(JSON.parse(line) as LogLine)
    else this.#output += `${line}\n`
    this.#wake()
  }

  #wake(): void {
    const waiting = [...this.#waiting]
    this.#waiting.clear()
    for (const resume of waiting) resume()
  }

  #story(): string {
    return [...this.lines.map((line) => JSON.stringify(line)), this.#output, this.#errors].join(
      "\n",
    )
  }
}
