import { existsSync, readFileSync } from "node:fs"
import { request } from "node:http"
import { join } from "node:path"
import { text } from "node:stream/consumers"
import { setTimeout as wait } from "node:timers/promises"
import type { PodmanStorage } from "@nsm/dot-github/images"
import { folder as inside, type Member } from "./members.ts"

/** Where a container runs. */
export interface ContainerOptions {
  readonly storage: PodmanStorage
  /** The reference of the image. */
  readonly image: string
  /** What it needs of the kernel, and gets alone. */
  readonly capabilities: readonly string[]
  /** The folder of all sockets, as it is called outside. */
  readonly sockets: string
}

const readyLimitMs = 20_000
/** The daemons' own limit for an orderly end is ten seconds. */
const endLimit = ["--time", "12"]

/** A daemon in a container that can do as little as it says it needs, on a file system to read only. */
export class Container {
  readonly name: string
  readonly pid: number
  readonly #storage: PodmanStorage
  readonly #http: string

  private constructor(name: string, pid: number, { storage, sockets }: ContainerOptions) {
    this.name = name
    this.pid = pid
    this.#storage = storage
    this.#http = join(sockets, `${name}.http`)
  }

  static async start(member: Member, options: ContainerOptions): Promise<Container> {
    const { storage, image, capabilities, sockets } = options
    const name = member.image
    const settings = { ...member.settings, NSM_HTTP_LISTEN_ON: `unix://${inside}/${name}.http` }
    await storage.podman([
      ...["run", "--detach", "--name", name, ...(member.flags ?? [])],
      ...confined(storage, capabilities),
      ...["--volume", `${sockets}:${inside}`],
      ...Object.entries(settings).flatMap(([key, value]) => ["--env", `${key}=${value}`]),
      image,
    ])
    const { text } = await storage.podman(["inspect", "--format", "{{.State.Pid}}", name])
    return new Container(name, Number(text), options)
  }

  /** Resolves once it says that it is ready; rejects with its log when it ends or takes too long. */
  async ready(): Promise<void> {
    let said = ""
    for (const until = Date.now() + readyLimitMs; Date.now() < until; await wait(50)) {
      if (!existsSync(`/proc/${this.pid}`)) break
      said = await this.page("/readyz?verbose").catch(String)
      if (said.endsWith("readyz ok\n")) return
    }
    throw new Error(`${this.name} is not ready: ${said}\n${await this.log()}`)
  }

  /** A page of its HTTP listener, whatever its status. */
  page(path: string): Promise<string> {
    return new Promise((resolve, reject) => {
      const signal = AbortSignal.timeout(5000)
      const call = request({ socketPath: this.#http, path, signal, agent: false }, (response) => {
        text(response).then(resolve, reject)
      })
      call.once("error", reject)
      call.end()
    })
  }

  /** What the kernel says of it: a line of its status. */
  status(field: string): string {
    const status = readFileSync(`/proc/${this.pid}/status`, "utf8")
    return new RegExp(`^${field}:\\s+(.*)$`, "m").exec(status)?.[1] ?? ""
  }

  /** Interfaces of its network. */
  interfaces(): readonly string[] {
    const table = readFileSync(`/proc/${this.pid}/net/dev`, "utf8")
    return [...table.matchAll(/^ *([^:\s]+):/gm)].map(([, name = ""]) => name)
  }

  async log(): Promise<string> {
    return (await this.#storage.podman(["logs", this.name])).text
  }

  /** Tells it to end, and gives what it ended with. */
  async end(): Promise<number> {
    await this.#storage.podman(["stop", ...endLimit, this.name])
    const exit = ["inspect", "--format", "{{.State.ExitCode}}", this.name]
    return Number((await this.#storage.podman(exit)).text)
  }
}

/** No network, nothing to write to, and no capability but these. */
export function confined(
  storage: PodmanStorage,
  capabilities: readonly string[] = [],
): readonly string[] {
  return [
    ...storage.runOptions,
    ...["--network", "none", "--read-only"],
    ...["--security-opt", "no-new-privileges", "--cap-drop", "all"],
    ...capabilities.flatMap((one) => ["--cap-add", one]),
  ]
}
