#!/usr/bin/env node
import { MechanismPort } from "@nsm/api"
import { bind, expose, grant, grpcTransport, networkServiceWire } from "@nsm/sdk"
import { daemonIdentity, daemonPolicies, runDaemon } from "@nsm/sdk/daemon"
import { descriptorSockets } from "@nsm/sdk-kernel"
import { forwarderKernel } from "./chain.ts"
import { settings } from "./config.ts"
import { lookups } from "./lookups.ts"
import { meteredSelection } from "./metered-selection.ts"
import { registration } from "./registration.ts"
import { selectionRoute } from "./selection-route.ts"
import { wires } from "./wires.ts"

await runDaemon({
  command: "forwarder-kernel",
  manifest: new URL("../package.json", import.meta.url),
  settings,
  // Of all hops it has the most to do for a request.
  isHurried: true,
  async start(daemon) {
    const { config, log, clock, random, signal, tasks, metrics, use } = daemon
    const { name, connectTo, dialTimeoutMs } = config
    const { connections, tokens } = await daemonIdentity(daemon)
    const policies = await daemonPolicies(daemon)
    const unixSockets = descriptorSockets({ clock })
    const reach = { name, clock, log, dialTimeoutMs, unixSockets, ...connections }
    const transport = use("transport", grpcTransport(reach))

    // They end after the listener: nobody asks for a wire that will not be kept.
    const { wiring, address } = wires(daemon)

    const manager = { transport, url: connectTo, signal }
    const selection = meteredSelection({ metrics, clock, locality: config.selectionLocality })
    const registries = lookups(manager)
    daemon.route(selectionRoute({ selection, registries, clock, log }))
    const chain = forwarderKernel({
      tunnel: address && { ...address, port: config.vxlanPort || MechanismPort.VXLAN },
      mechanismPriority: config.mechanismPriority,
      ...{ selection, isRacing: config.selectionRace },
      policies: policies.server,
      ...{ name, tokens, transport, registries, wiring, metrics },
      ...{ clock, log, random, tasks, signal },
    })
    const service = expose(networkServiceWire, bind(chain, grant))
    const { url } = use("listener", await transport.listen(config.listenOn, [service]))

    const registers = { ...manager, policies: policies.registryClient }
    use("registration", await registration(daemon, url, registers))
    return { listensOn: url, tunnel: address }
  },
})
