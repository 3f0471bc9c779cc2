#!/usr/bin/env node
import { bind, grant, grpcTransport, networkServiceWire } from "@nsm/sdk"
import { daemonIdentity, daemonPolicies, healMetrics, jsonRoute, runDaemon } from "@nsm/sdk/daemon"
import { descriptorSockets } from "@nsm/sdk-kernel/descriptors"
import { awareness } from "./awareness.ts"
import { clientDaemon } from "./chain.ts"
import { settings } from "./config.ts"
import { holdWires } from "./hold-wires.ts"
import { liveness } from "./liveness.ts"
import { noteHealing } from "./note-healing.ts"
import { noteOutcomes } from "./note-outcomes.ts"
import { pathRoute } from "./path-route.ts"
import { untilAborted } from "./until-aborted.ts"
import { Wire } from "./wire.ts"

await runDaemon({
  command: "nsc",
  manifest: new URL("../package.json", import.meta.url),
  settings,
  async start(daemon) {
    const { config, log, clock, random, signal, metrics, readiness, route, use } = daemon
    const { name, connectTo, dialTimeoutMs, requestTimeoutMs, namespaceUrl } = config
    const { connections } = await daemonIdentity(daemon)
    const { client: policies } = await daemonPolicies(daemon)
    const unixSockets = descriptorSockets({ clock })
    const reach = { name, clock, log, dialTimeoutMs, unixSockets, ...connections }
    const transport = use("transport", grpcTransport(reach))

    const wires = config.wires.map((wanted, index) => new Wire(name, index, wanted))
    route(jsonRoute("/connections", () => wires.map((wire) => wire.status(clock.now()))))
    route(pathRoute(wires))
    if (wires.length === 0) log.warn("NSM_NETWORK_SERVICES is empty: there is nothing to ask for")

    const isAlive = liveness({ config, log, random })
    const healing = {
      liveness: isAlive,
      intervalMs: config.livenessCheckIntervalMs,
      observers: [healMetrics(metrics), noteHealing(wires)],
    }
    const { nodeName, podName, clusterName } = config
    const chain = clientDaemon({
      observer: noteOutcomes(wires),
      areAware: awareness(config.awarenessGroups),
      ...{ name, connectTo, namespaceUrl, nodeName, podName, clusterName },
      ...{ transport, random, policies, healing, signal, metrics },
    })
    const service = bind(chain, grant)
    const manager = transport.client(connectTo, networkServiceWire)
    const looking = { manager, liveness: isAlive }
    const held = { wires, service, ...looking, requestTimeoutMs, clock, log, random, readiness }
    const { allGranted } = use("wires", holdWires(held))
    await untilAborted(allGranted, signal)
    return { wires: wires.map(({ id }) => id), namespaceUrl }
  },
})
