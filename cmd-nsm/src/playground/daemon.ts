import type { ChildProcess, SpawnOptions } from "node:child_process"
import { once } from "node:events"
import { closeSync, openSync } from "node:fs"
import { readFile } from "node:fs/promises"
import { request } from "node:http"
import { setTimeout as wait } from "node:timers/promises"
import { NsmError } from "@nsm/sdk"
import { socketPath } from "../session/socket-path.ts"
import { type Program, programFile } from "./programs.ts"
import type { DaemonStatus, IdentityStatus } from "./status.ts"

/** Starts processes in a network namespace. */
export interface Place {
  spawn(command: string, args: readonly string[], options: SpawnOptions): ChildProcess
}

/** What a daemon needs to start. */
export interface DaemonOptions {
  readonly name: string
  /** One of the suite, or the file of one of the user's own. */
  readonly program: Program | { readonly file: string }
  readonly place: Place
  /** Its NSM_* variables. */
  readonly settings: Readonly<Record<string, string>>
  /** Folder for its log and its HTTP socket. */
  readonly directory: string
  /** Page of its HTTP listener that is there once it does its work. @default "/readyz" */
  readonly page?: string
}

/** How long a daemon may take until it is ready, and until it has ended. */
const readyLimitMs = 30_000
const stopLimitMs = 12_000

/** How much of a log is shown when its daemon fails: a stack trace with what stands before it. */
const linesShown = 20

/** A process of the mesh that the playground started. */
export class Daemon implements AsyncDisposable {
  readonly name: string
  readonly program: string
  readonly #options: DaemonOptions
  readonly #httpSocket: string
  readonly #logFile: string
  #process: ChildProcess

  /** Starts the process; `ready` tells when it serves. */
  constructor(options: DaemonOptions) {
    const { name, program, directory } = options
    this.name = name
    this.program = typeof program === "string" ? program : program.file
    this.#options = options
    this.#httpSocket = socketPath(directory, `${name}.http.sock`)
    this.#logFile = `${directory}/${name}.log`
    this.#process = this.#spawn()
  }

  /** Starts the process again once it has ended, with all that it was given. */
  start(): void {
    if (this.isOver) this.#process = this.#spawn()
  }

  #spawn(): ChildProcess {
    const { name, program, place, settings, directory } = this.#options
    const file = typeof program === "string" ? programFile(program) : program.file
    const { PATH = "", HOME = "/" } = process.env
    const log = openSync(this.#logFile, "a")
    const spawned = place.spawn(process.execPath, [...process.execArgv, file], {
      stdio: ["ignore", log, log],
      env: {
        PATH,
        HOME,
        // What a killed daemon leaves goes with the playground's folder.
        TMPDIR: directory,
        NSM_NAME: name,
        NSM_HTTP_LISTEN_ON: `unix://${this.#httpSocket}`,
        ...settings,
      },
    })
    closeSync(log)
    return spawned
  }

  /** Whether the process has ended. */
  get isOver(): boolean {
    return this.#ended !== undefined
  }

  /** How it ended: `exit 1`, `SIGKILL`; undefined while it runs. */
  get #ended(): string | undefined {
    const { exitCode, signalCode } = this.#process
    return signalCode ?? (exitCode === null ? undefined : `exit ${exitCode}`)
  }

  /** Resolves once the daemon does its work; rejects with the end of its log otherwise. */
  async ready(): Promise<void> {
    const { page = "/readyz" } = this.#options
    const limit = Date.now() + readyLimitMs
    while (Date.now() < limit) {
      if (this.isOver) throw await this.#failed(`ended (${this.#ended})`)
      if ((await this.get(page).catch(() => undefined)) !== undefined) return
      await wait(25)
    }
    throw await this.#failed(`was not ready within ${readyLimitMs / 1000} s`)
  }

  /** The body of a page of the daemon's HTTP listener; undefined when its status is not 200. */
  get(path: string): Promise<string | undefined> {
    return new Promise((resolve, reject) => {
      const call = request({ socketPath: this.#httpSocket, path, timeout: 5000 }, (response) => {
        let body = ""
        response.setEncoding("utf8").on("data", (part: string) => (body += part))
        response.once("end", () => resolve(response.statusCode === 200 ? body : undefined))
      })
      call.once("error", reject)
      call.once("timeout", () => call.destroy(new Error("timed out")))
      call.end()
    })
  }

  async status(): Promise<DaemonStatus> {
    const ended = this.#ended
    const ready = !ended && (await this.get("/readyz").catch(() => undefined)) !== undefined
    const pid = ended ? 0 : (this.#process.pid ?? 0)
    const statm = await readFile(`/proc/${pid}/statm`, "utf8").catch(() => "")
    const residentBytes = Number(statm.split(" ")[1] ?? 0) * 4096
    const identity = await this.#identity()
    const { name, program } = this
    const how = { ...(ended && { ended }), ...(identity && { identity }) }
    return { name, program, pid, ready, residentBytes, ...how }
  }

  async #identity(): Promise<IdentityStatus | undefined> {
    const page = this.isOver ? undefined : await this.get("/identity").catch(() => undefined)
    if (page === undefined) return undefined
    const { spiffeId, expiresAt } = JSON.parse(page) as IdentityStatus
    return { spiffeId, expiresAt }
  }

  /** Ends the process at once, or in order and by force only when it does not end in time. */
  async end({ byForce = false }: { readonly byForce?: boolean } = {}): Promise<void> {
    if (this.isOver) return
    const exit = once(this.#process, "exit")
    this.#process.kill(byForce ? "SIGKILL" : "SIGTERM")
    const force = setTimeout(() => this.#process.kill("SIGKILL"), stopLimitMs)
    await exit
    clearTimeout(force)
  }

  /** Ends the process in order. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.end()
  }

  async #failed(what: string): Promise<NsmError> {
    const log = await readFile(this.#logFile, "utf8").catch(() => "")
    const last = log.trim().split("\n").slice(-linesShown).join("\n")
    const said = last ? `; its log ends with:\n${last}` : "; it logged nothing"
    return new NsmError("PEER_UNREACHABLE", `${this.name} ${what}${said}`, {
      remedy: "Correct what its log says.",
    })
  }
}
