import { type ChildProcess, spawn } from "node:child_process"
import { globSync, readFileSync } from "node:fs"
import { chown, mkdtemp, readdir, readFile, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { text } from "node:stream/consumers"
import { setTimeout as wait } from "node:timers/promises"
import { Links, ownNamespace } from "@nsm/sdk-kernel"
import { assertNoSecrets } from "@nsm/sdk/testing"
import { type Exit, exitOf } from "./exit.ts"
import { programFile } from "./programs.ts"

/** Who runs a command. */
export type User = "self" | "nobody"

/** A user without any privilege, on every Linux. */
const nobody = 65534

/** How a command ended and what it said. */
export interface Outcome extends Exit {
  readonly stdout: string
  readonly stderr: string
}

/** A command that runs. */
export interface Running {
  readonly process: ChildProcess
  readonly outcome: Promise<Outcome>
}

/**
 * `nsm` as a person runs it, with playgrounds that no other run sees. Disposal throws when a process,
 * a file or an interface is left, after having removed it. What commands print, and what the daemons of
 * playgrounds have logged by then, may hold no token and no private key.
 */
export class CommandLine implements AsyncDisposable {
  readonly directory: string
  readonly #user: User
  readonly #through: readonly string[]
  readonly #interfaces: readonly string[]

  private constructor(directory: string, user: User, through: readonly string[]) {
    this.directory = directory
    this.#user = user
    this.#through = through
    this.#interfaces = ownInterfaces()
  }

  /** Makes a folder for the playgrounds of this command line. `through` is a command that runs it. */
  static async open(user: User = "self", through: readonly string[] = []): Promise<CommandLine> {
    const directory = await mkdtemp(join(tmpdir(), "nsm-cli-"))
    if (user === "nobody") await chown(directory, nobody, nobody)
    return new CommandLine(directory, user, through)
  }

  /** Starts `nsm` with arguments. */
  start(...args: readonly string[]): Running {
    // One of them may take the logs away.
    this.#checkLogs()
    const node = [process.execPath, programFile("cmd-nsm"), ...args]
    const [command = "", ...rest] = [...this.#through, ...node]
    const child = spawn(command, rest, {
      cwd: this.directory,
      env: {
        PATH: process.env["PATH"],
        HOME: this.directory,
        TMPDIR: this.directory,
        NO_COLOR: "1",
      },
      stdio: ["ignore", "pipe", "pipe"],
      ...(this.#user === "nobody" && { uid: nobody, gid: nobody }),
    })
    const said = Promise.all([exitOf(child), text(child.stdout), text(child.stderr)])
    const outcome = said.then(([exit, stdout, stderr]) => {
      assertNoSecrets(`nsm ${args.join(" ")}`, `${stdout}\n${stderr}`)
      return { ...exit, stdout, stderr }
    })
    return { process: child, outcome }
  }

  /** Runs `nsm` with arguments to its end. */
  run(...args: readonly string[]): Promise<Outcome> {
    return this.start(...args).outcome
  }

  /** Processes that playgrounds of this command line have. */
  async processes(): Promise<readonly number[]> {
    const mark = `TMPDIR=${this.directory}`
    const pids = (await readdir("/proc")).filter((name) => /^\d+$/.test(name))
    const found = await Promise.all(
      pids.map(async (pid) => {
        const environment = await readFile(`/proc/${pid}/environ`, "utf8").catch(() => "")
        return environment.split("\0").some((entry) => entry.startsWith(mark)) ? [Number(pid)] : []
      }),
    )
    return found.flat()
  }

  /** What is there now that was not before. What is ending is waited for. */
  async leftovers(patienceMs = 5000): Promise<readonly string[]> {
    let left = await this.#left()
    for (let waited = 0; left.length > 0 && waited < patienceMs; waited += 50) {
      await wait(50)
      left = await this.#left()
    }
    return left
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#checkLogs()
    const left = await this.leftovers()
    for (const pid of await this.processes()) process.kill(pid, "SIGKILL")
    await rm(this.directory, { recursive: true, force: true })
    if (left.length > 0) throw new Error(`nsm left behind: ${left.join(", ")}`)
  }

  #checkLogs(): void {
    for (const file of globSync("**/*.log", { cwd: this.directory })) {
      assertNoSecrets(file, readFileSync(join(this.directory, file), "utf8"))
    }
  }

  async #left(): Promise<readonly string[]> {
    const files = await readdir(this.directory, { recursive: true })
    return [
      ...(await this.processes()).map((pid) => `process ${pid}`),
      // The folder of all playgrounds may stay; nothing may be in it.
      ...files.filter((file) => file.includes("/")).map((file) => `file ${file}`),
      ...ownInterfaces()
        .filter((name) => !this.#interfaces.includes(name))
        .map((name) => `interface ${name}`),
    ]
  }
}

/** Interfaces of the network in which the tests run. */
function ownInterfaces(): readonly string[] {
  using namespace = ownNamespace()
  return new Links(namespace).list().map((link) => link.name)
}
