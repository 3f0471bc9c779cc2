import { randomInt } from "node:crypto"
import { temporaryFolder, type TemporaryFolder } from "@nsm/sdk/testing"
import type { MeshClient } from "../client/mesh-client.ts"
import { startGoClient } from "../client/go-client.ts"
import { startOwnClient } from "../client/own-client.ts"
import { GoProcess } from "./go-process.ts"
import type { Member, MemberOptions, Side } from "./member.ts"
import { startOwn } from "./own-process.ts"
import { Trust } from "./trust.ts"

/** The parts of a mesh that are processes of their own, in the order in which they start. */
export const parts = ["registry", "nsmgr", "forwarder", "nse"] as const

/** One of them. */
export type Part = (typeof parts)[number]

/** Which side runs which part. */
export type Sides = Readonly<Record<Part, Side>>

/** What a mesh is like. */
export interface MeshOptions {
  readonly sides: Sides
  /** How clients, endpoints and the forwarder reach the manager. @default tcp */
  readonly managerSocket?: "tcp" | "unix"
  /** How the manager reaches the forwarder. @default unix */
  readonly forwarderSocket?: "tcp" | "unix"
  /** Workload API that tells all parts who they are. @default one of the mesh itself, by name */
  readonly spiffeSocket?: string
  /** Variables of all parts. @default none */
  readonly settings?: Readonly<Record<string, string>>
  /** How long identities are valid. @default 1 hour */
  readonly svidLifetimeMs?: number
}

/** Where a mesh is. */
interface MeshPlace {
  readonly trust: Trust
  readonly managerUrl: string
  readonly directory: string
  readonly end: AsyncDisposableStack
}

/** A mesh of one node: a process for each part, with mutual TLS and the default policies on. */
export class Mesh implements AsyncDisposable {
  readonly members: Record<Part, Member>
  readonly trust: Trust
  readonly managerUrl: string
  readonly directory: string
  readonly #end: AsyncDisposableStack
  readonly #starts: Readonly<Record<Part, () => Promise<Member>>>

  /** Starts all parts, each on the side that was chosen for it. */
  static async up({
    sides,
    managerSocket = "tcp",
    forwarderSocket = "unix",
    spiffeSocket,
    settings = {},
    ...lifetime
  }: MeshOptions): Promise<Mesh> {
    await using undo = new AsyncDisposableStack()
    const folder: TemporaryFolder = undo.use(await temporaryFolder())
    const trust = undo.use(await Trust.up(folder.path, lifetime))
    // An address of its own on the loopback, so that many meshes have the same ports.
    const host = `127.${randomInt(1, 255)}.${randomInt(256)}.${randomInt(1, 255)}`
    const urls = {
      registry: `tcp://${host}:5002`,
      nsmgr: `tcp://${host}:5001`,
      forwarder: forwarderSocket === "tcp" ? `tcp://${host}:5003` : folder.socket("forwarder.sock"),
      nse: folder.socket("nse.sock"),
    }
    const managerUrl = managerSocket === "tcp" ? urls.nsmgr : folder.socket("nsmgr.sock")
    const own: Readonly<Record<Part, Readonly<Record<string, string>>>> = {
      registry: {},
      nsmgr: { NSM_REGISTRY_URL: urls.registry },
      forwarder: { NSM_CONNECT_TO: managerUrl, NSM_TUNNEL_IP: host },
      nse: {
        NSM_CONNECT_TO: managerUrl,
        NSM_CIDR_PREFIX: "172.16.0.0/16",
        NSM_PAYLOAD: "IP",
      },
    }
    const starts: Partial<Record<Part, () => Promise<Member>>> = {}
    const members: Partial<Record<Part, Member>> = {}
    for (const part of parts) {
      const listensOn = part === "nsmgr" ? [urls.nsmgr, folder.socket("nsmgr.sock")] : [urls[part]]
      const options: MemberOptions = {
        ...{ name: part, url: urls[part], directory: folder.path },
        settings: {
          SPIFFE_ENDPOINT_SOCKET: spiffeSocket ?? (await trust.socketOf(part)),
          NSM_LISTEN_ON: listensOn.join(),
          ...own[part],
          ...settings,
        },
      }
      const isOwn = sides[part] === "ours"
      const start = () => (isOwn ? startOwn(part, options) : GoProcess.start(part, options))
      starts[part] = start
      members[part] = undo.use(await start())
    }
    const place = { trust, managerUrl, directory: folder.path, end: undo.move() }
    return new Mesh(
      members as Mesh["members"],
      starts as Record<Part, () => Promise<Member>>,
      place,
    )
  }

  private constructor(
    members: Record<Part, Member>,
    starts: Readonly<Record<Part, () => Promise<Member>>>,
    { trust, managerUrl, directory, end }: MeshPlace,
  ) {
    this.members = members
    this.#starts = starts
    this.trust = trust
    this.managerUrl = managerUrl
    this.directory = directory
    this.#end = end
  }

  /** Kills a part and starts it again, with nothing that it knew. */
  async restart(part: Part): Promise<void> {
    await this.members[part].kill()
    this.members[part] = this.#end.use(await this.#starts[part]())
  }

  /** Starts a client of the manager; it ends with the mesh at the latest. */
  async client(
    side: Side,
    name: string,
    settings: Readonly<Record<string, string>> = {},
  ): Promise<MeshClient> {
    const options = {
      ...{ name, url: this.managerUrl, directory: this.directory },
      settings: {
        SPIFFE_ENDPOINT_SOCKET: await this.trust.socketOf(name),
        NSM_CONNECT_TO: this.managerUrl,
        ...settings,
      },
    }
    return this.#end.use(await (side === "ours" ? startOwnClient : startGoClient)(options))
  }

  /** What all parts have written. */
  get logs(): string {
    return parts.map((part) => `--- ${part}\n${this.members[part].log}`).join("\n")
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#end.disposeAsync()
  }
}

/** A mesh in which one side runs all parts but those that are named otherwise. */
export function allOn(side: Side, others: Partial<Sides> = {}): Sides {
  return { registry: side, nsmgr: side, forwarder: side, nse: side, ...others }
}
