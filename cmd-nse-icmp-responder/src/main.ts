#!/usr/bin/env node
import {
  bind,
  expose,
  grant,
  grpcTransport,
  networkServiceWire,
  registered,
  registryClient,
} from "@nsm/sdk"
import {
  daemonIdentity,
  daemonPolicies,
  endpointEntry,
  ownSocket,
  runDaemon,
} from "@nsm/sdk/daemon"
import { descriptorSockets, sendEndpointFiles } from "@nsm/sdk-kernel/descriptors"
import { icmpResponder } from "./chain.ts"
import { settings } from "./config.ts"
import { idle } from "./idle.ts"
import { keptLeases } from "./kept-leases.ts"
import { serviceEntries } from "./service-entries.ts"

await runDaemon({
  command: "nse-icmp-responder",
  manifest: new URL("../package.json", import.meta.url),
  settings,
  async start(daemon) {
    const { config, log, clock, random, signal, metrics, use, stop } = daemon
    const { name, connectTo } = config
    const { connections, tokens } = await daemonIdentity(daemon)
    const policies = await daemonPolicies(daemon)
    const reach = { name, clock, log, unixSockets: descriptorSockets({ clock }), ...connections }
    const transport = use("transport", grpcTransport(reach))

    const { cidrGroups: groups, ipamPolicy, namespaceUrl, idleTimeoutMs: timeoutMs } = config
    const { observer, start } = idle({ clock, timeoutMs, onIdle: () => stop("idle"), signal })
    const wire = { groups, leases: await keptLeases(daemon), ipamPolicy, namespaceUrl }
    const hop = { name, tokens, random, policies: policies.server, signal }
    const chain = icmpResponder({ ...hop, ...wire, metrics, observer })

    const socket = use("socket", await ownSocket(config.listenOn))
    const service = expose(networkServiceWire, bind(chain, grant))
    const { url } = use("listener", await transport.listen(socket.url, [service]))

    const endpointElements = [sendEndpointFiles({ url: connectTo, signal })]
    const registries = registryClient({
      ...{ transport, url: connectTo, random, signal, endpointElements },
      policies: policies.registryClient,
    })
    const endpoint = endpointEntry(config, url)
    const services = config.registerService ? serviceEntries(config) : []
    const unregisters = config.unregisterItself
    const entry = { registries, services, endpoint, unregisters, clock, log, signal }
    use("registration", await registered(entry))
    start()
    return { listensOn: url, provides: config.serviceNames, namespaceUrl }
  },
})
