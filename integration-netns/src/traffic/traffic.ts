import { type ChildProcess, type SpawnOptions } from "node:child_process"
import { once } from "node:events"
import { setTimeout as wait } from "node:timers/promises"
import type { NetworkNamespace } from "@nsm/sdk-kernel"
import { type Exit, exitOf } from "../lab/exit.ts"
import { besideFile, nodeOptions } from "../lab/programs.ts"
import type { Packet } from "./packets.ts"

/** What the process that sends is told. */
export type TrafficOrder =
  | { readonly do: "begin"; readonly destinations: readonly string[]; readonly intervalMs: number }
  | { readonly do: "look"; readonly since: number; readonly count: number }
  | { readonly do: "end" }

/** What it answers. */
export interface TrafficAnswer {
  readonly flows?: boolean
  readonly packets?: readonly (readonly Packet[])[]
  readonly failure?: string
}

/** As many replies in a row say that packets flow. */
const rowLength = 20

/** A process in a network that sends echo requests from there, one run after the other. */
export class Traffic implements AsyncDisposable {
  readonly #process: ChildProcess
  readonly #exit: Promise<Exit>

  private constructor(process: ChildProcess) {
    this.#process = process
    this.#exit = exitOf(process)
  }

  /** Starts the process, which sends nothing yet. */
  static async in(namespace: NetworkNamespace): Promise<Traffic> {
    const file = besideFile("traffic-process", import.meta.url)
    const node = [process.execPath, ...nodeOptions, file]
    const options: SpawnOptions = { stdio: ["ignore", "inherit", "inherit", "ipc"] }
    const traffic = new Traffic(
      namespace.spawn("setpriv", ["--pdeathsig", "KILL", ...node], options),
    )
    await traffic.#answer()
    return traffic
  }

  /** Begins a run: a request to each address every few milliseconds. */
  async begin(
    destinations: readonly string[],
    { intervalMs = 10 }: { readonly intervalMs?: number } = {},
  ): Promise<void> {
    await this.#ask({ do: "begin", destinations, intervalMs })
  }

  /** Resolves once packets that were sent after a time flow to all; false when that takes too long. */
  async flows(since: number, patienceMs: number): Promise<boolean> {
    for (const until = Date.now() + patienceMs; Date.now() < until; await wait(20)) {
      if ((await this.#ask({ do: "look", since, count: rowLength })).flows) return true
    }
    return false
  }

  /** Ends the run; answers what became of the packets, by address. */
  async end(): Promise<readonly (readonly Packet[])[]> {
    return (await this.#ask({ do: "end" })).packets ?? []
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#process.connected) this.#process.disconnect()
    await this.#exit
  }

  async #ask(order: TrafficOrder): Promise<TrafficAnswer> {
    this.#process.send(order)
    return await this.#answer()
  }

  async #answer(): Promise<TrafficAnswer> {
    const stop = new AbortController()
    const { signal } = stop
    const ended = this.#exit.then((exit): never => {
      throw new Error(`the process that sends echoes ended with ${exit.signal ?? exit.code}`)
    })
    try {
      const answers = once(this.#process, "message", { signal }) as Promise<[TrafficAnswer]>
      const [answer] = await Promise.race([answers, ended])
      if (answer.failure !== undefined) throw new Error(answer.failure)
      return answer
    } finally {
      stop.abort()
    }
  }
}
