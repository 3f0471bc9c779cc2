import { text } from "node:stream/consumers"
import type { NetworkNamespace } from "@nsm/sdk-kernel"
import { exitOf } from "../../lab/exit.ts"
import type { Joined } from "./iperf.ts"

/** One end of a hand-made tunnel. */
export interface TunnelEnd {
  /** Where its interface is. */
  readonly workload: NetworkNamespace
  /** Where its UDP socket is. */
  readonly node: NetworkNamespace
  /** Address of the node. */
  readonly address: string
}

const [clientAddress, serverAddress] = ["192.0.2.1", "192.0.2.2"]

/** Joins two networks by a veth pair, made with `ip`. */
export async function handMadeVeth(
  client: NetworkNamespace,
  server: NetworkNamespace,
  mtu: number,
): Promise<Joined> {
  await ip(client, `link add hand type veth peer name hand netns ${path(server)}`)
  await Promise.all([
    ip(client, ...setUp(clientAddress, mtu)),
    ip(server, ...setUp(serverAddress, mtu)),
  ])
  return { client, server, address: serverAddress }
}

/** Joins two networks by a VXLAN tunnel through their nodes, made with `ip`. */
export async function handMadeVxlan(one: TunnelEnd, two: TunnelEnd, mtu: number): Promise<Joined> {
  const vni = 7777
  const make = ({ node, address, workload }: TunnelEnd, remote: string, own: string) =>
    ip(
      node,
      `link add hand type vxlan id ${vni} local ${address} remote ${remote} dstport 4789`,
      `link set hand netns ${path(workload)}`,
    ).then(() => ip(workload, ...setUp(own, mtu)))
  await make(one, two.address, clientAddress)
  await make(two, one.address, serverAddress)
  return { client: one.workload, server: two.workload, address: serverAddress }
}

function setUp(address: string, mtu: number): readonly string[] {
  return [`link set hand mtu ${mtu} up`, `address add ${address}/24 dev hand`]
}

function path({ fd }: NetworkNamespace): string {
  return `/proc/${process.pid}/fd/${fd}`
}

async function ip(place: NetworkNamespace, ...commands: readonly string[]): Promise<void> {
  const batch = place.spawn("ip", ["-batch", "-"], { stdio: ["pipe", "ignore", "pipe"] })
  batch.stdin?.end(commands.map((command) => `${command}\n`).join(""))
  const [{ code }, complaint] = await Promise.all([
    exitOf(batch),
    batch.stderr ? text(batch.stderr) : "",
  ])
  if (code !== 0) throw new Error(`ip ${commands.join("; ")}: ${complaint}`)
}
