import type { ErrorDescription } from "@nsm/sdk/daemon"

/** What a playground holds now. The shape of `nsm status -o json`. */
export interface Status {
  /** Raised when a field changes its meaning or goes. */
  readonly schemaVersion: 1
  readonly name: string
  /** Processes that serve all nodes: the authority and the registry. */
  readonly shared: readonly DaemonStatus[]
  readonly nodes: readonly NodeStatus[]
  readonly workloads: readonly WorkloadStatus[]
  readonly wires: readonly WireStatus[]
}

/** A node with its underlay addresses and daemons. */
export interface NodeStatus {
  readonly name: string
  readonly addresses: readonly string[]
  readonly daemons: readonly DaemonStatus[]
}

/** A process of the mesh. */
export interface DaemonStatus {
  readonly name: string
  readonly program: string
  /** 0 while it is down. */
  readonly pid: number
  readonly ready: boolean
  /** How it ended, such as `exit 1` or `SIGKILL`; absent while it runs. */
  readonly ended?: string
  /** Resident memory in bytes. */
  readonly residentBytes: number
  /** Who it is to its peers; absent where it has no identity. */
  readonly identity?: IdentityStatus
}

/** What a process shows to its peers. */
export interface IdentityStatus {
  readonly spiffeId: string
  /** When it ends unless it is renewed before, as RFC 3339. */
  readonly expiresAt: string
}

/** A client, an endpoint or a link of service chains on a node. */
export interface WorkloadStatus {
  readonly name: string
  readonly kind: "client" | "endpoint" | "passthrough"
  readonly node: string
  readonly services: readonly string[]
  readonly daemon: DaemonStatus
}

/** A connection that a client asked for. */
export interface WireStatus {
  readonly id: string
  readonly client: string
  readonly service: string
  /** The service URL by which the client asks. */
  readonly url: string
  readonly state: "up" | "healing" | "down" | "requesting"
  readonly endpoint: string
  /** KERNEL on one node; what crosses the nodes otherwise, such as VXLAN. */
  readonly mechanism: string
  readonly interface: string
  /** Names of the hops, client first. */
  readonly path: readonly string[]
  readonly addresses: { readonly client: readonly string[]; readonly endpoint: readonly string[] }
  readonly mtu: number
  /** Why the last request failed, in one line; absent once one succeeds. */
  readonly error?: string
  /** The same, part by part. */
  readonly lastError?: ErrorDescription
}

/** Echo requests sent through a wire from inside the client. */
export interface PingResult {
  readonly client: string
  readonly source: string
  readonly destination: string
  readonly sent: number
  readonly received: number
  /** Round-trip times in milliseconds, one for each answer. */
  readonly rttMs: readonly number[]
}
