import { type Daemon, jsonRoute } from "@nsm/sdk/daemon"
import { checkNamespaces, findTunnelAddress, ownNamespace, Wiring } from "@nsm/sdk-kernel"
import type { settings } from "./config.ts"
import { reconciliation } from "./reconciliation.ts"
import { wireMetrics } from "./wire-metrics.ts"

const thread = import.meta.url.endsWith(".ts") ? "./wire-thread.main.ts" : "./wire-thread.js"

/** What makes wires on this node, compares them with what lives, and where tunnels begin. */
export function wires(daemon: Daemon<typeof settings>) {
  const { config, log, metrics, use } = daemon
  checkNamespaces()
  const node = ownNamespace()
  const address = findTunnelAddress(node, { ip: config.tunnelIp })
  if (!address) log.warn("no default route and no NSM_TUNNEL_IP: serves this node only")
  const wiring: Wiring = use(
    "wires",
    new Wiring({
      ...{ node, name: config.name, keepsWires: config.keepWires },
      thread: new URL(thread, import.meta.url),
      onEvent: wireMetrics(metrics, () => wiring.wires.values()),
    }),
  )
  daemon.route(jsonRoute("/audit", reconciliation(daemon, wiring)))
  return { wiring, address }
}
