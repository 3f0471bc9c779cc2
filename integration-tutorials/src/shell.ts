import { type ChildProcessByStdio, spawn } from "node:child_process"
import { once } from "node:events"
import { writeFile } from "node:fs/promises"
import { join } from "node:path"
import { createInterface } from "node:readline"
import type { Readable, Writable } from "node:stream"
import { NsmError } from "@nsm/sdk"

/** What a shell is started with. */
export interface ShellOptions {
  readonly cwd: string
  readonly env: Readonly<Record<string, string | undefined>>
  /** How long a script may take. */
  readonly limitMs: number
}

/** How a script ended, and all that it printed, errors too, as on a terminal. */
export interface ScriptOutcome {
  readonly status: number
  readonly output: string
}

type ShellProcess = ChildProcessByStdio<Writable, Readable, null>

/** Says where a script's output ends; no script prints it by chance. */
const mark = "--- end of script, status"

/** One shell in which scripts run one after the other: each finds what those before it left. */
export class Shell implements AsyncDisposable {
  readonly #process: ShellProcess
  readonly #lines: AsyncIterator<string>
  readonly #options: ShellOptions

  private constructor(process: ShellProcess, options: ShellOptions) {
    this.#process = process
    this.#lines = createInterface({ input: process.stdout })[Symbol.asyncIterator]()
    this.#options = options
  }

  /** Starts a shell, in a group of its own: what a script leaves running is ended with it. */
  static start(options: ShellOptions): Shell {
    const { cwd, env } = options
    const stdio: ["pipe", "pipe", "inherit"] = ["pipe", "pipe", "inherit"]
    const args = ["--noprofile", "--norc"]
    return new Shell(spawn("bash", args, { cwd, env, stdio, detached: true }), options)
  }

  /** Runs a script to its end. */
  async run(script: string): Promise<ScriptOutcome> {
    const { cwd, limitMs } = this.#options
    const file = join(cwd, ".script")
    await writeFile(file, script)
    this.#process.stdin.write(`. '${file}' </dev/null 2>&1; printf '\\n%s %s\\n' '${mark}' $?\n`)
    const tooLong = setTimeout(() => this.#kill(), limitMs)
    try {
      return await this.#outcome()
    } finally {
      clearTimeout(tooLong)
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#process.exitCode !== null || this.#process.signalCode !== null) return
    const exit = once(this.#process, "exit")
    this.#kill()
    await exit
  }

  async #outcome(): Promise<ScriptOutcome> {
    const lines: string[] = []
    for (;;) {
      const next = await this.#lines.next()
      if (next.done === true) {
        const what = `the shell ended, or was ended after ${this.#options.limitMs / 1000} s`
        throw new NsmError("DEADLINE_EXCEEDED", `${what}; it had printed:\n${lines.join("\n")}`)
      }
      if (next.value.startsWith(mark)) {
        return { status: Number(next.value.slice(mark.length)), output: lines.join("\n") }
      }
      lines.push(next.value)
    }
  }

  #kill(): void {
    if (this.#process.pid !== undefined) process.kill(-this.#process.pid, "SIGKILL")
  }
}
