import type { WireStatus } from "@nsm/cmd-nsc"
import { Links } from "@nsm/sdk-kernel"
import type { LabWorkload, Traffic } from "@nsm/integration-netns"

/** What of a wire may have to be the same after a disturbance. */
export interface Standing {
  readonly endpoint: string
  readonly addresses: readonly string[]
  /** Index of its interface at the client; 0 where there is none. */
  readonly interfaceIndex: number
}

/** A client with one wire and packets through it. */
export class SceneClient implements AsyncDisposable {
  readonly workload: LabWorkload
  readonly traffic: Traffic

  constructor(workload: LabWorkload, traffic: Traffic) {
    this.workload = workload
    this.traffic = traffic
  }

  get name(): string {
    return this.workload.name
  }

  /** Its wire by its own account. */
  async status(): Promise<WireStatus> {
    const { process } = this.workload
    const [wire] = JSON.parse(await process.page("/connections")) as readonly WireStatus[]
    if (!wire) throw new Error(`${this.name} has no wire`)
    return wire
  }

  /** How its wire stands now. */
  async standing(): Promise<Standing> {
    const { endpoint, addresses } = await this.status()
    const link = new Links(this.workload.namespace).find("nsm-1")
    return {
      endpoint,
      addresses: [...addresses.client, ...addresses.endpoint],
      interfaceIndex: link?.index ?? 0,
    }
  }

  /** Begins to send to the other end. */
  async begin(): Promise<void> {
    const { addresses } = await this.status()
    await this.traffic.begin(addresses.endpoint.map((address) => address.split("/")[0] ?? ""))
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.traffic[Symbol.asyncDispose]()
  }
}
