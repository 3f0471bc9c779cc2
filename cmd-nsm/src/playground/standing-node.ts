import { createNamespace, type NetworkNamespace } from "@nsm/sdk-kernel"
import type { Node } from "../topology/topology.ts"
import { Daemon } from "./daemon.ts"
import type { Domain } from "./domain.ts"

/** A node that stands: its network with a manager and a forwarder in it. */
export interface StandingNode extends AsyncDisposable {
  readonly node: Node
  readonly namespace: NetworkNamespace
  readonly addresses: readonly string[]
  readonly daemons: readonly Daemon[]
  readonly managerUrl: string
}

const managerPort = 5001

/** Makes a node. When that fails, nothing of it is left. */
export async function startNode(
  node: Node,
  { underlay, registryUrl, selection, directory, settings }: Domain,
): Promise<StandingNode> {
  await using made = new AsyncDisposableStack()
  const namespace = made.use(createNamespace())
  const addresses = await underlay.join(namespace)
  const [ip = ""] = addresses.map((address) => address.split("/")[0] ?? "")
  const managerUrl = `unix://${directory}/${node.name}.nsm.sock`
  const manager = new Daemon({
    name: `nsmgr-${node.name}`,
    program: "cmd-nsmgr",
    place: namespace,
    directory,
    settings: {
      ...settings,
      NODE_NAME: node.name,
      NSM_LISTEN_ON: `${managerUrl},tcp://${ip}:${managerPort}`,
      NSM_REGISTRY_URL: registryUrl,
    },
  })
  made.use(manager)
  // Ends before the manager, at which it takes its registration back.
  const forwarder = new Daemon({
    name: `forwarder-${node.name}`,
    program: "cmd-forwarder-kernel",
    place: namespace,
    directory,
    settings: {
      ...settings,
      NSM_CONNECT_TO: managerUrl,
      NSM_LISTEN_ON: `unix://${directory}/${node.name}.fwd.sock`,
      NSM_TUNNEL_IP: ip,
      NSM_SELECTION_LOCALITY: selection.locality.join(","),
      NSM_SELECTION_RACE: `${selection.race}`,
    },
  })
  made.use(forwarder)
  await Promise.all([manager.ready(), forwarder.ready()])
  const kept = made.move()
  return {
    ...{ node, namespace, addresses, managerUrl },
    daemons: [manager, forwarder],
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  }
}
