#!/usr/bin/env node
import {
  bind,
  expose,
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
import { supplier } from "./chain.ts"
import { settings } from "./config.ts"
import { registration } from "./registration.ts"
import { startCommand } from "./start-command.ts"
import { Supplies } from "./supplies.ts"
import { supplying } from "./supplying.ts"

await runDaemon({
  command: "nse-supplier",
  manifest: new URL("../package.json", import.meta.url),
  settings,
  async start(daemon) {
    const { config, log, clock, random, signal, metrics, use } = daemon
    const { name, connectTo, supplyCommand: command } = config
    const { supplyTimeoutMs: timeoutMs, supplyLimit: limit } = config
    const { connections, tokens } = await daemonIdentity(daemon)
    const policies = await daemonPolicies(daemon)
    const unixSockets = descriptorSockets({ clock })
    const reach = { name, clock, log, unixSockets, ...connections }
    const transport = use("transport", grpcTransport(reach))

    const endpointElements = [sendEndpointFiles({ url: connectTo, signal })]
    const manager = { transport, url: connectTo, random, signal, endpointElements }
    const registries = registryClient({ ...manager, policies: policies.registryClient })
    const supplies = new Supplies({
      start: (wanted, as) => startCommand(wanted, as, { command, environment: process.env, clock }),
      registration: (service, call) => registration(service, registries, call),
      ...{ name, limit, timeoutMs, clock, log, random },
    })
    use("supplies", supplies)

    const chain = supplier({ name, tokens, random, policies: policies.server, signal, metrics })
    const socket = use("socket", await ownSocket(config.listenOn))
    const behind = supplying({ supplies, services: config.serviceNames })
    const service = expose(networkServiceWire, bind(chain, behind))
    const { url } = use("listener", await transport.listen(socket.url, [service]))

    const unregisters = config.unregisterItself
    const endpoint = endpointEntry(config, url)
    use("registration", await registered({ registries, endpoint, unregisters, clock, log, signal }))
    return { listensOn: url, supplies: config.serviceNames, command }
  },
})
