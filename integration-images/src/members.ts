/** A daemon of the mesh that the images make together. */
export interface Member {
  /** Its image. */
  readonly image: string
  /** What it is told; all sockets are in the one folder. */
  readonly settings: Readonly<Record<string, string>>
  /** What more podman is told. */
  readonly flags?: readonly string[]
  /** Its socket, if it serves gRPC. */
  readonly socket?: string
}

/** Where all of them have the folder with the sockets. */
export const folder = "/run/nsm"

const url = (name: string): string => `unix://${folder}/${name}`
const manager = { NSM_CONNECT_TO: url("nsmgr.sock") }

/** One node with an endpoint and a client, in the order in which they are started. */
export const members: readonly Member[] = [
  {
    image: "cmd-authority",
    socket: "authority.sock",
    settings: { NSM_STATE_DIRECTORY: `${folder}/keys` },
    // It has to see who calls.
    flags: ["--pid", "host"],
  },
  {
    image: "cmd-registry-memory",
    socket: "registry.sock",
    settings: {},
    // Images have nothing to write prettily with on a terminal.
    flags: ["--tty"],
  },
  {
    image: "cmd-nsmgr",
    socket: "nsmgr.sock",
    settings: { NSM_REGISTRY_URL: url("registry.sock"), NODE_NAME: "node-1" },
  },
  { image: "cmd-forwarder-kernel", socket: "forwarder.sock", settings: manager },
  {
    image: "cmd-nse-icmp-responder",
    socket: "responder.sock",
    settings: { ...manager, NSM_CIDR_PREFIX: "172.16.0.0/24" },
  },
  {
    image: "cmd-nse-passthrough",
    socket: "passthrough.sock",
    settings: { ...manager, NSM_SERVICE_NAMES: "chain" },
  },
  {
    image: "cmd-nse-supplier",
    socket: "supplier.sock",
    settings: { ...manager, NSM_SERVICE_NAMES: "on-demand" },
  },
  {
    image: "cmd-nsc",
    settings: { ...manager, NSM_NETWORK_SERVICES: "kernel://icmp-responder/nsm-1" },
    // Echoes through the wire, without a capability.
    flags: ["--sysctl", "net.ipv4.ping_group_range=0 65535"],
  },
].map(({ settings, ...rest }: Member) => {
  const { image, socket } = rest
  const where = {
    NSM_NAME: image,
    SPIFFE_ENDPOINT_SOCKET: url("authority.sock"),
    ...(socket !== undefined && { NSM_LISTEN_ON: url(socket) }),
  }
  return { ...rest, settings: { ...where, ...settings } }
})
