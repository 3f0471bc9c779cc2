import { timestampMs } from "@bufbuild/protobuf/wkt"
import { type Connection, MechanismType } from "@nsm/api"
import { NsmError } from "@nsm/sdk"
import { describeError, type ErrorDescription, explainError } from "@nsm/sdk/daemon"
import { interfaceName, type WantedWire } from "./service-urls.ts"

/** A wire as `GET /connections` tells of it. */
export interface WireStatus {
  readonly id: string
  readonly client: string
  readonly service: string
  /** Its URL in NSM_NETWORK_SERVICES. */
  readonly url: string
  /**
   * `healing` is one that was lost and is on its way back; `down` one that was granted, but could not
   * be refreshed until it expired.
   */
  readonly state: "up" | "healing" | "down" | "requesting"
  readonly endpoint: string
  /** KERNEL on one node; what crosses the nodes otherwise, such as VXLAN. */
  readonly mechanism: string
  readonly interface: string
  /** Names of the hops, this client first. */
  readonly path: readonly string[]
  readonly addresses: { readonly client: readonly string[]; readonly endpoint: readonly string[] }
  readonly mtu: number
  /** Why the last request failed, in one line; absent once one succeeds. */
  readonly error?: string
  /** The same, part by part. */
  readonly lastError?: ErrorDescription
}

/** One wanted wire, and what has come of it. */
export class Wire {
  readonly id: string
  readonly wanted: WantedWire
  readonly #client: string
  #connection: Connection | undefined
  #error: NsmError | undefined
  #isHealing = false

  constructor(client: string, index: number, wanted: WantedWire) {
    this.id = `${client}-${index}`
    this.wanted = wanted
    this.#client = client
  }

  /** What was granted and not given back. */
  get connection(): Connection | undefined {
    return this.#connection
  }

  granted(connection: Connection): void {
    this.#connection = connection
    this.#error = undefined
  }

  failed(failure: unknown): void {
    this.#error = NsmError.from(failure)
  }

  closed(): void {
    this.#connection = undefined
  }

  /** It was lost. */
  lost(): void {
    this.#isHealing = true
  }

  /** It is back, or closed. */
  healed(): void {
    this.#isHealing = false
  }

  /** How it stands at a time, in milliseconds since 1970. */
  status(now: number): WireStatus {
    const { id, wanted } = this
    const connection = this.#connection
    const ip = connection?.context?.ipContext
    return {
      id,
      client: this.#client,
      service: wanted.networkService,
      url: wanted.text,
      state: this.#isHealing ? "healing" : stateOf(connection, now),
      endpoint: connection?.networkServiceEndpointName ?? "",
      mechanism: connection ? mechanismOf(connection) : wanted.mechanism.type,
      interface: interfaceName(connection?.mechanism ?? wanted.mechanism) ?? "",
      path: connection?.path?.pathSegments.map(({ name }) => name) ?? [],
      addresses: { client: ip?.srcIpAddrs ?? [], endpoint: ip?.dstIpAddrs ?? [] },
      mtu: connection?.context?.MTU ?? 0,
      ...(this.#error && {
        error: explainError(this.#error),
        lastError: describeError(this.#error),
      }),
    }
  }
}

function stateOf(connection: Connection | undefined, now: number): WireStatus["state"] {
  if (!connection) return "requesting"
  return expiryOf(connection) > now ? "up" : "down"
}

/** When the first of the tokens along the path ends. */
function expiryOf({ path }: Connection): number {
  const ends = path?.pathSegments.flatMap(({ expires }) => (expires ? timestampMs(expires) : []))
  return Math.min(...(ends ?? []))
}

/** Each hop notes what it is asked over; one that is not KERNEL crosses the nodes. */
function mechanismOf({ mechanism, path }: Connection): string {
  const types = path?.pathSegments.flatMap(
    ({ metrics }) => metrics["server_interface"]?.split("/")[0] || [],
  )
  const crossing = types?.find((type) => type !== MechanismType.KERNEL)
  return crossing ?? mechanism?.type ?? ""
}
